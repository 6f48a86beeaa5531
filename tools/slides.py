"""Slides of a notebook: the cells that are tagged `slide`, as one page that needs no kernel.

python tools/slides.py                              build/slides/, of notebooks/
python tools/slides.py --notebooks build/course     of freshly executed ones

A tagged Markdown cell begins a slide. A tagged code cell goes onto it: its pictures alone, where it has
some; else its lines and what they print. Tags are set in JupyterLab (property inspector, "Cell tags"). The
pages are walked through with the arrow keys, or scrolled, and printed one slide a page; what does not fit
the window is made smaller. (Formulas are set by MathJax, which comes from the network; without one they stand
there as they are written.)
"""

import argparse
import html
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from facegen.utils.errors import FacegenError
from facegen.utils.files import write_text

ROOT = Path(__file__).resolve().parent.parent
TAG = "slide"
CSS = """
html {scroll-snap-type: y mandatory; font: 3vmin/1.4 sans-serif; background: #fff; color: #222}
body {margin: 0}
section {box-sizing: border-box; min-height: 100vh; padding: 4vmin 8vmin; scroll-snap-align: start;
  display: flex; flex-direction: column; justify-content: center; break-after: page;
  font-size: var(--text, 1em)}
section:focus {outline: none}
h1 {font-size: 1.8em} h2 {font-size: 1.4em}
img, svg, video {max-width: 100%; max-height: var(--picture, 70vh);
  object-fit: contain; object-position: left}
.output_area img {width: 84vw}
table {border-collapse: collapse; font-size: .8em}
td, th {border: 1px solid #bbb; padding: .2em .5em; text-align: left}
pre {font-size: .75em; overflow-x: auto; margin: .5em 0} .prompt, .anchor-link {display: none}
@media (prefers-color-scheme: dark) {
  html {background: #1b1b1b; color: #eee} a {color: #9cf}
  .highlight {background: #eee; color: #222}
}
@media print {html {scroll-snap-type: none; font-size: 12pt}}
"""
KEYS = """
const slides = [...document.querySelectorAll("section")]
const steps = {ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1}
const sizes = [[70, 1], [60, 1], [50, 1], [40, 1], [30, 1], [40, 0.8], [30, 0.7]] // vh, em
const fit = () => slides.forEach(slide => sizes.find(([picture, text]) => {
  slide.style.setProperty("--picture", `${picture}vh`)
  slide.style.setProperty("--text", `${text}em`)
  return slide.scrollHeight <= innerHeight
}))
addEventListener("load", fit)
addEventListener("resize", fit)
const away = slide => Math.abs(slide.getBoundingClientRect().top)
addEventListener("keydown", event => {
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.target.closest("a, video, summary")
  if (busy || !(event.key in steps)) return
  const here = slides.reduce((best, slide) => away(slide) < away(best) ? slide : best)
  const next = slides[slides.indexOf(here) + steps[event.key]]
  event.preventDefault()
  if (next) { next.scrollIntoView(); next.focus({preventScroll: true}) }
})
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{css}</style>
<script type="text/x-mathjax-config">MathJax.Hub.Config({{tex2jax: {{inlineMath: [["$", "$"]]}}}})</script>
<script async src="{mathjax}"></script>
{slides}
<script>{keys}</script>
</html>
"""


def tagged(cell: NotebookNode) -> bool:
    """Whether a cell is to be on a slide."""
    return TAG in cell.metadata.get("tags", [])


def slides(notebook: NotebookNode) -> list[list[NotebookNode]]:
    """The tagged cells of a notebook, a list for each slide; each begins with a Markdown cell.

    Raises:
        FacegenError: a code cell is tagged before any Markdown cell.
    """
    cells = [cell for cell in notebook.cells if tagged(cell)]
    starts = [i for i, cell in enumerate(cells) if cell.cell_type == "markdown"]
    if cells and starts[:1] != [0]:
        raise FacegenError(
            f"cell {cells[0].get('id')}: expected a Markdown cell as a slide's first; tag the one above it."
        )
    return [cells[start:end] for start, end in pairwise([*starts, len(cells)])]


def has_picture(cell: NotebookNode) -> bool:
    """Whether a cell shows something that is to be looked at, not read."""
    kinds = [kind for output in cell.get("outputs", []) for kind in output.get("data", {})]
    shown = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]
    return any(kind.startswith("image/") for kind in kinds) or any("<video" in text for text in shown)


def page(notebook: NotebookNode, title: str) -> str:
    """A notebook's slides as one page; its pictures are in it, with their texts."""
    exporter = HTMLExporter(template_name="basic")
    sections = []
    for number, cells in enumerate(slides(notebook), 1):
        part = nbformat.from_dict({**notebook, "cells": cells})  # a copy
        for cell in filter(has_picture, part.cells):
            cell.metadata["transient"] = {"remove_source": True}
        body, _ = exporter.from_notebook_node(part)
        sections.append(f'<section id="{number}" tabindex="-1" aria-label="Slide {number}">{body}</section>')
    css = CSS + HtmlFormatter().get_style_defs(".highlight")
    address = f"{exporter.mathjax_url}?config=TeX-AMS_CHTML-full,Safe"
    body = "\n".join(sections)
    return PAGE.format(title=html.escape(title), css=css, keys=KEYS, mathjax=address, slides=body)


def write(notebooks: Path, target: Path) -> list[Path]:
    """Write the slides of all notebooks of a folder that have some; return the pages.

    Raises:
        FacegenError: there is no notebook, or one whose slides begin with code.
    """
    written = []
    if not any(notebooks.glob("*.ipynb")):
        raise FacegenError(f"{notebooks}: expected notebooks in this folder, found none.")
    for path in sorted(notebooks.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        try:
            found = slides(notebook)
        except FacegenError as error:
            raise FacegenError(f"{path.name}, {error}") from None
        if found:
            target.mkdir(parents=True, exist_ok=True)
            title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
            written.append(target / f"{path.stem}.html")
            write_text(written[-1], page(notebook, title))
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks", help="default: notebooks/")
    try:
        for path in write(parser.parse_args().notebooks, ROOT / "build" / "slides"):
            print(path.relative_to(ROOT))
    except FacegenError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
