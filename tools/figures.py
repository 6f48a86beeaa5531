"""The course's results in one table, and where every figure of README and docs comes from.

python tools/figures.py --write      bring docs/results.md and README's results up to date

Results are read from what `facegen measure` has written beside the trained models. A test asks that the
tables are up to date, that each section with a figure names the command that makes it, and that those
figures which take seconds (quoted.py) are what they were when they were written.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import quoted

from facegen.utils.files import write_text

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # of benchmarks
PAGE, README = ROOT / "docs" / "results.md", ROOT / "README.md"
BLOCK = re.compile(r"(<!-- results: written by tools/figures.py -->\n).*?(<!-- /results -->)", re.S)
# What somebody has measured, or reckoned: a number with a unit, a fraction, thousands, so many of so many.
UNIT = r"\s?%|\s(?:[MG]B|ms|s|min|minutes|seconds|dB|times|of \d+)\b"
NUMBER = rf"\d[\d,]*(?:\.\d+)?(?:{UNIT})|\d+\.\d+\b(?!\.)|\d{{1,3}}(?:,\d{{3}})+\b"
FIGURE = re.compile(rf"(?<![\w./-])(?:{NUMBER})")


@dataclass(frozen=True)
class Result:
    """One line of the table; the numbers are (folder of a model, path in its measures.json) or None.

    Attributes:
        what: was measured.
        form: of the numbers.
        drawn: what the network reaches.
        floor, floor_is: what comes of itself, and what that is.
        ceiling, ceiling_is: what could be had.
    """

    what: str
    form: str
    drawn: tuple[str, str]
    floor: tuple[str, str]
    floor_is: str
    ceiling: tuple[str, str]
    ceiling_is: str


GAN, HEADS, FLOW = quoted.GAN, quoted.HEADS, quoted.FLOW
TABLE = [
    Result(
        "Toggles obey: F1 of 40 attributes, read by a classifier that never saw a drawn face", "{:.2f}",
        (GAN, "control.f1_mean"),
        (GAN, "control.f1_floor_mean"), "a twin whose discriminator never saw an attribute",
        (GAN, "control.f1_ceiling_mean"), "real pictures",
    ),
    Result(
        "One toggle pressed: how often the change is seen", "{:.0%}",
        (GAN, "toggle.flipped_mean"),
        (GAN, "toggle.flipped_floor_mean"), "the same twin",
        (GAN, "toggle.flipped_truth_mean"), "the renderer itself",
    ),
    Result(
        "Fréchet distance to held-out pictures, in the classifier's features", "{:,.0f}",
        (GAN, "fidelity.drawn.frechet"),
        (GAN, "fidelity.blurred.frechet"), "blurred real pictures",
        (GAN, "fidelity.real.frechet"), "real pictures",
    ),
    Result(
        "Heads in combinations never seen: PSNR", "{:.1f} dB",
        (HEADS, "pictures.drawn.psnr"),
        (HEADS, "pictures.same_but_emotion.psnr"), "the mean over all emotions",
        (HEADS, "pictures.learned.psnr"), "combinations seen in training",
    ),
    Result(
        "Half-way between two emotions: grey levels from the face with the muscles half-way", "{:.1f}",
        (HEADS, "between.error.drawn"),
        (HEADS, "between.error.fade"), "a cross-fade of what is drawn",
        (HEADS, "between.error.true_fade"), "a cross-fade of the true pictures",
    ),
    Result(
        "Heads half-way between two angles, 45 degrees apart, that were seen: PSNR", "{:.1f} dB",
        (HEADS, "turn.drawn.psnr.-1"),
        (HEADS, "turn.fade.psnr.-1"), "a cross-fade of the two true views",
        (HEADS, "turn.drawn.psnr.0"), "at the angles that were seen",
    ),
    Result(
        "Emotions read as asked, by a classifier that never saw a drawn face", "{:.0%}",
        (HEADS, "recognition.drawn"),
        (HEADS, "recognition.floor"), "the mean of the person's other emotions",
        (HEADS, "recognition.ceiling"), "real pictures",
    ),
    Result(
        "A flow's toggles obey: F1 of 40 attributes", "{:.2f}",
        (FLOW, "control.f1_mean"),
        (FLOW, "control.f1_floor_mean"), "requests in another order",
        (FLOW, "control.f1_ceiling_mean"), "real pictures",
    ),
    Result(
        "A flow's Fréchet distance to held-out pictures, in the classifier's features", "{:,.0f}",
        (FLOW, "fidelity.drawn.frechet"),
        (FLOW, "fidelity.blurred.frechet"), "blurred real pictures",
        (FLOW, "fidelity.real.frechet"), "real pictures",
    ),
]  # fmt: skip
SHOWN = (0, 5, 6)  # of these, in README

# (page, heading) -> command; a page without a heading stands for all its sections.
BENCH, CHOSEN = "`make bench`, or the command under its heading", "chosen, not measured"
SHIPPED = "`python tools/ship.py clay-deconv`"
TRAINED, TWIN = "`python tools/train_{}.py`, `python tools/ship.py {}`", "clay-gan-unconditional"
SOURCES = {
    ("README.md", "Start"): CHOSEN,
    ("README.md", "Results"): "`python tools/figures.py --write`",
    ("docs/benchmarks.md", ""): BENCH,
    ("docs/classroom.md", "For a room of thirty"): CHOSEN,
    ("docs/classroom.md", "Without a network: a wheelhouse"): "`make wheelhouse`, `make setup`",
    ("docs/classroom.md", "One installation for all: JupyterHub, or a shared server"): "`make notebooks`",
    ("docs/classroom.md", "Exercises, and how to grade them"): "`make exercises`, nbgrader's commands",
    ("docs/deconvolution.md", "Words"): CHOSEN,
    ("docs/deconvolution.md", "Parameter files"): CHOSEN,
    ("docs/deconvolution.md", "Sizes and memory"): "`python benchmarks/memory.py`",
    ("docs/deconvolution.md", "Two recipes"): "`python benchmarks/recipes.py`, " + SHIPPED,
    ("docs/deconvolution.md", "Between two emotions"): SHIPPED,
    ("docs/deconvolution.md", "A head that turns"): "`python benchmarks/turning.py`",
    ("docs/deconvolution.md", "What did not pay"): "`python benchmarks/turning.py`",
    ("docs/deconvolution.md", "What is left: the outlines"): "`python benchmarks/outlines.py`",
    ("docs/deconvolution.md", "How far apart may views be?"): "`python benchmarks/turning.py`",
    ("docs/deconvolution.md", "Films"): "`python benchmarks/video.py`",
    ("docs/gan.md", ""): "`python benchmarks/switches.py`",
    ("docs/glossary.md", ""): "not measured: what the words mean",
    ("docs/installing.md", ""): "`make setup`, `du -sh .venv`, `make wheel`; the table: `make notebooks`",
    ("docs/measures.md", ""): CHOSEN + ": what `facegen measure` counts, and what to expect",
    ("docs/panel.md", ""): "`python benchmarks/panel.py`",
    ("docs/reliability.md", ""): "`make reliability`",
    ("docs/flow.md", ""): "`python benchmarks/flow.py`, `python benchmarks/networks.py`",
    ("docs/scaling.md", ""): "`python -m benchmarks.scaling`, `pytest tests/training/test_devices.py`",
    ("docs/site.md", ""): "`python benchmarks/in_page.py`, `pytest tests/panel/test_toggles.py`",
    ("docs/teaching.md", ""): "`make notebooks`; what models do: their cards",
    ("models/clay-gan/README.md", ""): TRAINED.format("gan", GAN),
    ("models/clay-gan-unconditional/README.md", ""): TRAINED.format("gan", TWIN),
    ("models/clay-deconv/README.md", ""): TRAINED.format("deconv", HEADS),
    ("models/clay-flow/README.md", ""): TRAINED.format("flow", FLOW),
}  # fmt: skip


def number(place: tuple[str, str]) -> float:
    """A number from the measures of a model."""
    (found,) = quoted.beside(place[0], "measures.json", place[1])
    return found


def table(results: list[Result]) -> str:
    """Results beside what comes of itself and what could be had, as Markdown."""
    lines = ["| | drawn | comes of itself | could be had |", "|---|---|---|---|"]
    for one in results:
        drawn, floor, ceiling = (one.form.format(number(x)) for x in (one.drawn, one.floor, one.ceiling))
        lines.append(
            f"| {one.what} | **{drawn}** | {floor} ({one.floor_is}) | {ceiling} ({one.ceiling_is}) |"
        )
    return "\n".join(lines) + "\n"


def sections(text: str) -> dict[str, str]:
    """The headings of a Markdown page, each with its text up to the next one."""
    found, heading, fenced = {}, "", False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if line.startswith("#") and not fenced:
            heading = line.lstrip("# ")
        found[heading] = found.get(heading, "") + line + "\n"
    return found


def pages() -> list[str]:
    """Those in which figures may stand."""
    paths = [README, *ROOT.glob("docs/*.md"), *ROOT.glob("models/*/README.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in paths if path != PAGE)


def measured() -> list[tuple[str, str]]:
    """The sections that hold a figure: (page, heading)."""
    texts = {page: sections((ROOT / page).read_text(encoding="utf-8")) for page in pages()}
    return [
        (page, name) for page, parts in texts.items() for name, part in parts.items() if FIGURE.search(part)
    ]


def source(page: str, heading: str) -> str | None:
    """The command that makes the figures of a section."""
    return SOURCES.get((page, heading)) or SOURCES.get((page, ""))


def sources() -> str:
    """A table of all sections with figures, as Markdown."""
    rows = {}  # a page whose sections are all of one command has one row
    for page, heading in measured():
        whole = (page, heading) not in SOURCES
        rows[page, "" if whole else heading] = source(page, heading) or "unknown"
    lines = ["| where | made by |", "|---|---|"]
    lines += [
        f"| `{page}`{', ' + heading if heading else ''} | {made} |" for (page, heading), made in rows.items()
    ]
    return "\n".join(lines) + "\n"


def computed_again() -> str:
    """A table of the numbers that a test computes again, as Markdown."""
    lines = ["| where | figure | made by |", "|---|---|---|"]
    for one in quoted.everything():
        (words,) = one.found((ROOT / one.page).read_text(encoding="utf-8"))
        words = " ".join(words.strip("| ").split()).replace(" | ", ", ")
        lines.append(f"| `{one.page}` | {words} | {one.made} |")
    return "\n".join(lines) + "\n"


TEXT = """# Results

What the trained models of the course do, each number beside what comes of itself and what could be had. They
are read from `measures.json` beside each model, which `facegen measure` writes; [Measures](measures.md) tells
what they mean, and the cards of [clay-gan](../models/clay-gan/README.md),
[clay-deconv](../models/clay-deconv/README.md) and [clay-flow](../models/clay-flow/README.md) have them all.

{results}
How heads turn at other angles, and what plain networks make of them, is in
[notebook 6](../notebooks/06_orientation.ipynb).

## Where the figures come from

Every figure of README, of these pages and of the cards is made by a command. This table, like the one above,
is written by `python tools/figures.py --write`, and a test asks that no section with a figure is missing.

{sources}
Those that take seconds are computed again by a test: results, times of notebooks, and these.

{again}"""


def page() -> str:
    """docs/results.md."""
    return TEXT.format(results=table(TABLE), sources=sources(), again=computed_again())


def written(readme: str) -> str:
    """README with its results brought up to date."""
    return BLOCK.sub(lambda found: found[1] + table([TABLE[i] for i in SHOWN]) + found[2], readme)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write them into docs/ and README.md")
    if not parser.parse_args().write:
        print(page())
        return
    write_text(README, written(README.read_text(encoding="utf-8")))
    for one in quoted.everything():
        write_text(ROOT / one.page, one.written((ROOT / one.page).read_text(encoding="utf-8")))
    write_text(PAGE, page())


if __name__ == "__main__":
    main()
