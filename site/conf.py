"""How Sphinx makes the site of what tools/pages.py has laid out. Nothing is executed, nothing fetched."""

import html
import io
import os
import re
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow says errors only

from docutils.nodes import SkipNode
from matplotlib import rc_context
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import math_to_image

from facegen import __version__

project = "facegen"
author = "the authors of facegen"
copyright = f"{date.today().year}, {author}. MIT licence"
version = release = __version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["**.ipynb_checkpoints"]

nb_execution_mode = "off"  # the outputs are those that the notebooks have
nb_merge_streams = True
nb_ipywidgets_js = {}  # would come from another machine
myst_enable_extensions = ["dollarmath"]
html_math_renderer = "letters"  # of `setup`; MathJax would come from another machine
myst_heading_anchors = 3
myst_links_external_new_tab = False
suppress_warnings = ["mystnb.unknown_mime_type", "ref.python"]  # FacegenError has two addresses

autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # those of Keras are in another language of marks
autodoc_typehints = "none"  # the signature has them
autodoc_default_options = {"members": True, "show-inheritance": True, "ignore-module-all": True}
napoleon_google_docstring, napoleon_numpy_docstring = True, False
napoleon_custom_sections = ["Input shape", "Output shape"]
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "sphinx_book_theme"
html_title = "facegen"
html_last_updated_fmt = "%Y-%m-%d"
html_show_sphinx = False
html_favicon = "favicon.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's machine
html_css_files = ["facegen.css"]
html_js_files = ["facegen.js"]
html_search_scorer = str(Path(__file__).with_name("scorer.js"))
html_theme_options = {
    "use_download_button": True,
    "use_fullscreen_button": False,
    "navbar_persistent": [],  # the sidebar has a field to search in
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "max_navbar_depth": 2,
}


MARKS = re.compile(r"\||(?<=\w)_(?!\w)")  # reStructuredText would take them for substitutions and links


def _code(line: str) -> str:
    """A line in which `code` is code, and nothing outside of it has a meaning by accident."""
    parts = line.split("`")
    if "``" in line or len(parts) % 2 == 0:
        return line
    for i, part in enumerate(parts):
        escaped = MARKS.sub(r"\\\g<0>", part)
        glued = "\\ " if i and re.match(r"\w", part) else ""
        parts[i] = f"``{part}``" if i % 2 else glued + escaped
    return "".join(parts)


def plain(app, what, name, obj, options, lines) -> None:
    """Docstrings are plain text: an indented block stays as it is written, and a bar is a bar."""
    written, literal = [], False
    for i, line in enumerate(lines):
        begins = what == "module" and line.startswith(" ") and (i == 0 or not lines[i - 1].startswith(" "))
        if begins and not literal:
            written += ["", "::", ""]
            literal = True
        elif line and not line.startswith(" "):
            written += [""] if literal else []
            literal = False
        written.append(line if literal or ">>>" in line else _code(line))
    lines[:] = written


def formula(latex: str) -> str:
    """A formula as inline SVG, in the colour of the text around it, with its LaTeX for whoever hears it."""
    written, drawn = " ".join(latex.split()), io.StringIO()
    with rc_context({"savefig.transparent": True, "mathtext.fontset": "cm"}):
        depth = math_to_image(f"${written}$", drawn, FontProperties(size=13), format="svg", color="#010101")
    picture = drawn.getvalue().partition("<svg")[2].replace("#010101", "currentColor")
    picture = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", picture, flags=re.S)
    picture = re.sub(r' id="[a-z]+_\d+"', "", picture)  # of its parts; those of letters are used
    label = f'role="img" aria-label="{html.escape(written)}" style="vertical-align: {-depth:.1f}pt"'
    return f"<svg {label}{picture}"


def inline_formula(translator, node) -> None:
    translator.body.append(formula(node.astext()))
    raise SkipNode


def block_formula(translator, node) -> None:
    translator.body.append(f'<p style="overflow-x: auto">{formula(node.astext())}</p>')
    raise SkipNode


def setup(app) -> None:
    app.add_html_math_renderer("letters", (inline_formula, None), (block_formula, None))
    app.connect("autodoc-process-docstring", plain, priority=100)  # before napoleon reads them
