#!/usr/bin/env python3
"""The first code cell of every notebook, and what else depends on the course's address.

    python tools/first_cell.py          bring the notebooks in step with this file and with pyproject.toml

The address of the repository is one line in pyproject.toml, [project.urls] Source. While that is only a
placeholder, notebooks name pages of the repository by their paths, and the first cell fetches nothing.
"""

import json
import re
import tomllib
from pathlib import Path

from facegen.utils.files import write_text

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = "https://example.org/"
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
PAGES = re.compile(r"\[?`((?:docs|models|params|data|tools|benchmarks)/[\w./-]+)`(?:\]\(http[^)]*\))?")
CELL = """\
scale = ""  # @param ["", "smoke", "laptop", "gpu"]
# Left empty: laptop, minutes a notebook, with a GPU or without. What gpu takes has not been measured.

import os
import sys
from glob import glob
from importlib.util import find_spec

if scale:
    os.environ["FACEGEN_SCALE"] = scale
if os.path.isfile("../facegen/__init__.py"):  # in a checkout
    sys.path.append(os.path.abspath(".."))
if not getattr(find_spec("facegen"), "origin", None):  # elsewhere, as on Colab: take what was uploaded
    places = "/content/drive/MyDrive/facegen/facegen*.[wz]*", "facegen*.zip", "facegen*.whl"
    found = [file for place in places for file in sorted(glob(place), key=os.path.getmtime)] or {address}
    if not found:
        what = "Upload facegen-*.whl (`make wheel` in a checkout makes it) beside this notebook"
        raise FileNotFoundError(f"{{what}}, or into the folder facegen of your Google Drive and mount that.")
    %pip install -q "{{found[-1]}}\""""


def address(root: Path = ROOT) -> str:
    """The address of the repository, as git clones it; "" while there is none."""
    source = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Source"]
    return "" if source.startswith(PLACEHOLDER) else source


def cell(root: Path = ROOT) -> str:
    """The first code cell of every notebook: it makes `facegen` importable, and chooses the scale."""
    where = address(root)
    return CELL.format(address=[f"git+{where}"] if where else [])


def page(root: Path, path: str, view: str = "blob/main") -> str:
    """The address of a file's page on GitHub, "" where that is not known."""
    github = re.fullmatch(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?", address(root))
    return f"https://github.com/{github[1]}/{view}/{path}" if github else ""


def linked(text: str, root: Path = ROOT) -> str:
    """Markdown in which each path of a file of the repository leads to its page, if that is known."""

    def link(found: re.Match) -> str:
        path = found[1]
        known = page(root, path) if (ROOT / path).exists() else ""
        return f"[`{path}`]({known})" if known else f"`{path}`"

    return PAGES.sub(link, text)


def in_step(path: Path, root: Path = ROOT) -> str:
    """A notebook's text with today's first cell, links and badge.

    Raises:
        ValueError: its first code cell is another one.
    """
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = next((c for c in notebook["cells"] if c["cell_type"] == "code"), {"source": ""})
    if 'find_spec("facegen")' not in "".join(code["source"]):
        raise ValueError(f"{path.name}: expected the first code cell of tools/first_cell.py")
    code["source"] = cell(root).splitlines(keepends=True)
    for one in notebook["cells"]:
        if one["cell_type"] == "markdown":
            one["source"] = linked("".join(one["source"]), root).splitlines(keepends=True)
    title = notebook["cells"][0]
    lines = [line for line in title["source"] if not line.startswith(BADGE)]
    if opened := page(root, f"notebooks/{path.name}").replace(
        "github.com", "colab.research.google.com/github"
    ):
        lines[1:1] = [f"{BADGE}({opened})\n"]
    title["source"] = lines
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        write_text(notebook, in_step(notebook))
