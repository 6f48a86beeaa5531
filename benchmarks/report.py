"""The report: docs/benchmarks.md and its chart, of the results in build/bench.

python benchmarks/report.py
"""

import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.catalogue import BARS, BENCHMARKS, Bar
from facegen import course
from facegen.utils import files

DOCS = course.root() / "docs"
HERE = Path(__file__).resolve().parent
INTRODUCTION, REMARKS = HERE / "introduction.md", HERE / "remarks.md"  # what a person has written


def folder(small: bool = False) -> Path:
    """Where the results lie."""
    return course.build() / "bench" / ("small" if small else "")


def results(source: Path) -> dict[str, dict]:
    """All results in a folder: name -> what a benchmark has written."""
    paths = {name: source / f"{name}.json" for name in BENCHMARKS}
    return {name: json.loads(path.read_text()) for name, path in paths.items() if path.is_file()}


def write(source: Path, target: Path) -> None:
    """Write benchmarks.md and benchmarks.png of the results in a folder.

    Args:
        source: of the results.
        target: folder of the page and its chart.
    """
    found = results(source)
    parts = [_introduction(found), "## What was to be reached\n", bars_table(found)]
    if any(value(found, bar) for bar in BARS):
        files.write(target / "benchmarks.png", lambda file: file.write(chart(found)))
        parts.append("![Each figure as a multiple of what was asked for](benchmarks.png)\n")
    parts += [REMARKS.read_text()] if REMARKS.is_file() else []
    parts += [section(result) for result in found.values()]
    files.write_text(target / "benchmarks.md", "\n".join(parts))


def _introduction(found: Mapping[str, dict]) -> str:
    return INTRODUCTION.read_text().replace("{machine}", _machines([*found.values()]))


def _machines(found: list[dict]) -> str:
    """What the results were measured on, when, and how busy it was."""
    if not found:
        return "nothing has been measured yet."
    first = found[0]["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in first["versions"].items())
    days, loads = ({result["at"].split()[0] for result in found}, [r["machine"]["load"] for r in found])
    where = f"{first['processor']}, {first['cores']} cores, {first['memory GB']} GB, {first['system']}"
    when = " to ".join(sorted({min(days), max(days)}))
    return f"{where}; {versions}; {when}. The load when a benchmark began was {min(loads)} to {max(loads)}."


def value(found: Mapping[str, dict], bar: Bar) -> Mapping[str, float] | None:
    """What was measured for a bar: "median", "least", "most"; None where nothing was."""
    return found.get(bar.benchmark, {}).get("ratios", {}).get(bar.ratio)


def verdict(bar: Bar, reached: float) -> str:
    """In words."""
    if bar.reached(reached) < 1:
        return "**not reached**"
    return "aim reached" if bar.reached(reached) >= bar.reached(bar.aim) else "reached"


def bars_table(found: Mapping[str, dict]) -> str:
    """The bars, and what became of each, as a Markdown table."""
    lines = ["| | measured | asked for | aim | |", "|---|---|---|---|---|"]
    for bar in BARS:
        measured = value(found, bar)
        word = "at most" if bar.lower else "at least"
        asked = f"{word} {number(bar.least)} | {number(bar.aim)}"
        if measured:
            said = verdict(bar, measured["median"])
            lines.append(f"| {bar.what} | {_spread(measured)} | {asked} | {said} |")
        else:
            lines.append(f"| {bar.what} | | {asked} | not measured |")
    return "\n".join(lines) + "\n"


def section(result: Mapping) -> str:
    """One benchmark: what it is, its table, its ratios."""
    entry = BENCHMARKS[result["name"]]
    lines = [f"## {entry.title}\n", f"{entry.text}\n", table(result["rows"])]
    lines += [f"- {name}: {_spread(ratio)}" for name, ratio in result.get("ratios", {}).items()]
    lines += [f"- {note}" for note in result.get("notes", [])]
    took = f"`python benchmarks/run.py {result['name']}`, {result['took']:.0f} s on {result['at']}"
    return "\n".join([*lines, f"\n{took}, load {result['machine']['load']}.\n"])


def table(rows: list[Mapping]) -> str:
    """Rows as a Markdown table; columns are all keys, in order; "from" and "to" join "ms"."""
    if not rows:
        return ""
    keys = [key for key in dict.fromkeys(key for row in rows for key in row) if key not in ("from", "to")]
    names = ["" if key == "variant" else key for key in keys]
    lines = [f"| {' | '.join(names)} |", "|---" + "|---:" * (len(keys) - 1) + "|"]
    lines += [f"| {' | '.join(_cell(row, key) for key in keys)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(row: Mapping, key: str) -> str:
    if row.get(key) is None:
        return ""
    if isinstance(row[key], str):
        return row[key]
    if key == "of SGEMM":
        return f"{row[key]:.0%}"
    if key == "ms" and "from" in row:
        return _spread({"median": row["ms"], "least": row["from"], "most": row["to"]})
    return number(row[key])


def _spread(ratio: Mapping[str, float]) -> str:
    middle, least, most = (number(ratio[key]) for key in ("median", "least", "most"))
    return middle if least == most else f"{middle} ({least} to {most})"


def number(x: float) -> str:
    """To three digits or so, as people read it."""
    digits = 0 if abs(x) >= 100 else 1 if abs(x) >= 10 else 2
    return f"{x:,.{digits}f}" if abs(x) >= 0.1 or x == 0 else f"{x:.2g}"


def chart(found: Mapping[str, dict]) -> bytes:
    """Each bar as a multiple of what was asked for, PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [(bar, value(found, bar)) for bar in BARS if value(found, bar)]
    figure = Figure(figsize=(9, 0.8 + 0.42 * len(shown)), layout="constrained", dpi=100)
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    for row, (bar, measured) in enumerate(shown):
        reached = bar.reached(measured["median"])
        ends = sorted(bar.reached(measured[key]) for key in ("least", "most"))
        colour = "tab:blue" if reached >= 1 else "tab:red"
        axis.barh(row, reached, color=colour, height=0.6)
        axis.plot(ends, [row, row], color="black", linewidth=1)
        axis.plot(bar.reached(bar.aim), row, "|", color="black", markersize=16, markeredgewidth=2)
        axis.text(max(ends[1], reached), row, f"  {number(measured['median'])}", va="center", fontsize=9)
    axis.axvline(1, color="black", linestyle="--", linewidth=1)
    axis.set_yticks(range(len(shown)), [bar.what for bar, _ in shown])
    axis.invert_yaxis()
    axis.margins(x=0.12)
    axis.set_xlim(left=0)
    axis.set_xlabel(
        "times what was asked for (dashed line)\nupright mark: the aim; beside each bar: the figure itself"
    )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


if __name__ == "__main__":
    if not results(folder()):
        sys.exit(f"{folder()}: no results are there; `python benchmarks/run.py` measures.")
    write(folder(), DOCS)
