"""The page of the executed course: each notebook with its purpose, its time and its pictures."""

import html
import platform
import re
from importlib.metadata import version
from string import Template

from nbconvert import HTMLExporter
from nbconvert.filters import get_metadata, markdown2html
from nbformat import NotebookNode

IMAGES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
EMBEDDED = re.compile(r'<video\b.*?</video>|<picture\b.*?</picture>|<img\b[^>]*src="data:[^>]*>', re.S)
# The page of a notebook needs no network, but for formulas where it has some.
PAGE = """{% extends 'lab/index.html.j2' %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block html_head_js_mathjax %}{% if resources.formulas %}{{ super() }}{% endif %}{% endblock %}
"""
INDEX = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>facegen: the course, executed</title>
<style>
:root { color-scheme: light dark; --line: #8884; --soft: #888; --bad: #c33; --card: #8881; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; margin: 0 } h2 { font-size: 1.3rem; margin: 0 }
section { border-top: 1px solid var(--line); padding: 1.5rem 0 }
p { max-width: 46rem; margin: .4rem 0 } a { color: inherit } .soft { color: var(--soft); font-size: .9rem }
.row { display: flex; gap: .75rem; overflow-x: auto; padding: .75rem 0; align-items: center }
.row > * { flex: none; line-height: 0 }
.row img, .row video { min-height: 8rem; max-height: 18rem; max-width: 60rem; background: #fff }
pre { background: var(--card); border-left: .25rem solid var(--bad); padding: .75rem 1rem; overflow-x: auto }
.bad { color: var(--bad) }
</style>
<h1>facegen: the course, executed</h1>
<p class="soft">$summary</p>
$sections
</html>
""")
SECTION = Template("""<section id="$name">
<h2><a href="$name.html">$title</a></h2>
$purpose
<p class="soft">$outcome &middot; <a href="$name.html">read it</a> &middot;
<a href="$name.ipynb">$name.ipynb</a></p>
$error
<div class="row">
$pictures
</div>
</section>""")


def page(notebook: NotebookNode, name: str, folder: str) -> str:
    """Return an executed notebook as one HTML page; `folder` is where its relative links start."""
    formulas = any("$" in cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    resources = {"metadata": {"name": title(notebook), "path": folder}, "formulas": formulas}
    exporter = HTMLExporter(raw_template=PAGE, embed_images=True)
    return exporter.from_notebook_node(_images_as_html(notebook), resources)[0]


def _images_as_html(notebook: NotebookNode) -> NotebookNode:
    """Return a copy whose pictures are HTML: nbconvert leaves out image/gif, and alternative text."""
    copy = NotebookNode(notebook | {"cells": [NotebookNode(cell) for cell in notebook.cells]})
    for cell in copy.cells:
        if "outputs" in cell:
            cell.outputs = [_image_as_html(output) for output in cell.outputs]
    return copy


def _image_as_html(output: NotebookNode) -> NotebookNode:
    if not any(kind in output.get("data", {}) for kind in IMAGES):
        return output
    return NotebookNode(output | {"data": NotebookNode({"text/html": elements(output)[0]})})


def index(runs: list, how: str) -> str:
    """Return the course's front page: self-contained, readable without a network.

    Args:
        runs: each has a name, notebook, seconds, error (None for a good one) and stopped.
        how: they were run: the scale, the time, the day.
    """
    tensorflow = f"TensorFlow {version('tensorflow')}, Keras {version('keras')}"
    summary = f"{how}, Python {platform.python_version()}, {tensorflow}"
    return INDEX.substitute(summary=html.escape(summary), sections="\n".join(map(section, runs)))


def section(run) -> str:
    """Return the part of the front page that shows one notebook."""
    failed = f'<b class="bad">{"stopped" if run.stopped else "failed"} after {clock(run.seconds)}</b>'
    return SECTION.substitute(
        name=run.name,
        title=html.escape(title(run.notebook)),
        purpose=markdown2html(purpose(run.notebook)),
        outcome=failed if run.error else clock(run.seconds),
        error="" if run.stopped or not run.error else f"<pre>{html.escape(run.error)}</pre>",
        pictures="\n".join(_linked(run.name, *found) for found in pictures(run.notebook)),
    )


def _linked(name: str, cell: str, picture: str) -> str:
    """Return a picture that leads to the cell that made it; a video keeps its own controls."""
    if picture.startswith("<video"):
        return f"<div>{picture}</div>"
    return f'<a href="{name}.html#cell-id={cell}">{picture}</a>'


def title(notebook: NotebookNode) -> str:
    """Return the first heading of a notebook."""
    return notebook.cells[0].source.splitlines()[0].lstrip("# ")


def purpose(notebook: NotebookNode) -> str:
    """Return the first paragraph of a notebook, as Markdown."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    prose = [line for line in text.splitlines() if not line.startswith(("#", "[![", "!["))]
    return "\n".join(prose).strip().partition("\n\n")[0]


def pictures(notebook: NotebookNode) -> list[tuple[str, str]]:
    """Return the pictures and videos of a notebook as (cell id, HTML element)."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            found += [(cell.id, element) for element in elements(output)]
    return found


def elements(output: dict) -> list[str]:
    """Return the pictures of one output as HTML elements with their data inside."""
    data = output.get("data", {})
    for kind in IMAGES:
        if kind in data:
            return [image(kind, data[kind], get_metadata(output, "alt", kind) or "")]
    return EMBEDDED.findall(data.get("text/html", ""))


def image(kind: str, data: str, alt: str) -> str:
    """Return an <img> with its data inside; `alt` says what is to be seen."""
    if kind == "image/svg+xml":
        return data[data.index("<svg") :]
    return f'<img alt="{html.escape(alt)}" src="data:{kind};base64,{"".join(data.split())}">'


def clock(seconds: float) -> str:
    """Return a duration in words: 34 s, 5 min 7 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
