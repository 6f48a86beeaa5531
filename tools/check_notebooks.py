#!/usr/bin/env python3
"""Look at committed notebooks without running them, and name what a reader would stumble over.

python tools/check_notebooks.py [NOTEBOOK ...]      all of notebooks/ by default
"""

import json
import re
import statistics
import sys
from pathlib import Path

import first_cell
from matplotlib.mathtext import MathTextParser

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 1_500_000  # bytes; GitHub shows larger notebooks slowly or not at all
LONGEST, NINETY, MEDIAN = 40, 15, 6  # lines in a code cell: the most, in 90 % of them, in half of them
MACHINE_PATH = re.compile(r"(?<![\w.:-])(?:/(?:home|root|Users|work|tmp|private|mnt)/|[A-Z]:\\Users\\)\S*")
TAG, SAYS = re.compile(r"<(?:img|video)\b[^>]*"), re.compile(r"\b(?:alt|aria-label)=(['\"])[^'\"]")
SILENT_LINK = re.compile(r"!\[\s*\]\(")
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.S)
EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")


def notebooks() -> list[Path]:
    """Return the notebooks of the course in their order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def faults(path: Path) -> list[str]:
    """Return what is wrong with a committed notebook, a line each; [] for a good one."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if text(cell["source"]).strip()]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    found = [
        *_opening(cells, code),
        *_runs(code),
        *_lengths(code),
        *_paths(cells),
        *_unseen(cells),
        *_formulas(cells),
        *_asserts(code),
    ]
    if "widgets" in notebook["metadata"]:
        found.append("saved widget state (metadata.widgets): GitHub cannot show such a notebook")
    if path.stat().st_size > LARGEST:
        found.append(f"{path.stat().st_size / 1e6:.1f} MB; expected at most {LARGEST / 1e6} MB")
    return found


def _opening(cells: list[dict], code: list[dict]):
    """Yield faults of the first cells: the title, and the cell that makes facegen importable."""
    if not cells or cells[0]["cell_type"] != "markdown" or not text(cells[0]["source"]).startswith("# "):
        yield "the first cell is not a title (# ...)"
    if not code or text(code[0]["source"]) != first_cell.cell():
        yield "the first code cell is not that of tools/first_cell.py"
    for number, cell in enumerate(cells, 1):
        if cell["cell_type"] == "markdown" and (
            link := re.search(r"\]\(\.\.?/[^)]*\)", text(cell["source"]))
        ):
            yield f"cell {number} has a link that leads nowhere without the checkout: {link[0]}"


def _runs(code: list[dict]):
    """Yield signs that the saved outputs are not those of one run from top to bottom."""
    counts = [cell["execution_count"] for cell in code]
    if counts != list(range(1, len(code) + 1)):
        yield f"execution counts are {counts}; expected 1 to {len(code)}"
    for number, cell in enumerate(code, 1):
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                yield f"code cell {number} ended in {output['ename']}: {output['evalue']}"
            if output.get("execution_count", number) != number:
                yield f"code cell {number} shows the output of run {output['execution_count']}"


def _lengths(code: list[dict]):
    """Yield cells that are too long to be read at a glance."""
    own = code[1:]  # the first is the same everywhere
    lengths = [len([x for x in text(cell["source"]).splitlines() if x.strip()]) for cell in own]
    for number, length in enumerate(lengths, 2):
        if length > LONGEST:
            yield f"code cell {number} has {length} lines; expected at most {LONGEST}"
    if lengths and statistics.median(lengths) > MEDIAN:
        yield f"half of the code cells have {statistics.median(lengths):g} lines or more; expected {MEDIAN}"
    if len(lengths) >= 10 and sorted(lengths)[int(0.9 * (len(lengths) - 1))] > NINETY:
        yield f"more than a tenth of the code cells have over {NINETY} lines"


def _paths(cells: list[dict]):
    """Yield paths of the machine that wrote the notebook."""
    for number, cell in enumerate(cells, 1):
        for part in (text(cell["source"]), *map(shown, cell.get("outputs", []))):
            for path in MACHINE_PATH.findall(part):
                yield f"cell {number} names a path of one machine: {path}"


def _unseen(cells: list[dict]):
    """Yield the pictures and films that say nothing to whoever does not see them."""
    for number, cell in enumerate(cells, 1):
        silent = SILENT_LINK.findall(text(cell["source"])) if cell["cell_type"] == "markdown" else []
        for output in cell.get("outputs", []):
            data, about = output.get("data", {}), output.get("metadata", {})
            silent += [
                kind for kind in data if kind.startswith("image/") and not about.get(kind, {}).get("alt")
            ]
            silent += [tag for tag in TAG.findall(text(data.get("text/html", ""))) if not SAYS.search(tag)]
        if silent:
            yield f"cell {number} has a picture without alternative text (alt=...)"


def _formulas(cells: list[dict]):
    """Yield formulas that MathJax shows, and the pages do not: matplotlib draws theirs."""
    for number, cell in enumerate(cells, 1):
        written = FORMULA.findall(text(cell["source"])) if cell["cell_type"] == "markdown" else []
        for latex in (" ".join("".join(parts).split()) for parts in written):
            try:
                MathTextParser("path").parse(f"${latex}$")
            except ValueError as error:
                why = str(error).splitlines()[-1]
                yield f"cell {number} has a formula that matplotlib cannot draw: {latex}: {why}"


def _asserts(code: list[dict]):
    """Yield claims that only a reader of code would see."""
    for number, cell in enumerate(code, 1):
        if re.search(r"^\s*assert\b", text(cell["source"]), re.M):
            yield f"code cell {number} asserts; course.claim(...) shows a reader what was found"


def shown(output: dict) -> str:
    """Return the words of an output, without its pictures."""
    data = [text(value) for kind, value in output.get("data", {}).items() if kind.startswith("text/")]
    parts = [text(output.get("text", "")), *output.get("traceback", []), *data]
    return EMBEDDED.sub("", "\n".join(parts))


def text(value: str | list[str]) -> str:
    """Return a field of a notebook that may be saved as one string or as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def main() -> int:
    found = {path: faults(path) for path in map(Path, sys.argv[1:] or notebooks())}
    for path, lines in found.items():
        for line in lines:
            print(f"{path.name}: {line}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
