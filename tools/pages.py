"""Make the site: executed notebooks, docs, cards, the package's pages, and panels that work without Python.

python tools/pages.py                              build/site/index.html, of notebooks/
python tools/pages.py --notebooks build/course     of freshly executed ones, where there are any
python tools/pages.py --without-toggles            where there is no npm to fetch what the panels run on

The pages are laid out in a folder beside the site first; Sphinx makes the site of them (site/conf.py).
"""

import argparse
import base64
import html
import json
import pkgutil
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tidy import settle
from times import clock

import facegen
from facegen.utils.errors import FacegenError
from facegen.utils.files import write_text

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
PANELS = {"toggles": "clay-gan", "heads": "clay-deconv"}  # page -> its model
ORDER = ("results", "own-pictures", "deconvolution", "measures", "glossary")  # of docs; the others by name
PUBLIC = dir(facegen)  # what `facegen` itself offers, wherever it is defined
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
NONE = "*These pages are without the panel: `make site` makes some with it; `facegen panel {name}` opens it.*"
NEEDED = ("sphinx", "myst_nb", "sphinx_book_theme")
DIRECTIVE = """## `{name}`

```{{eval-rst}}
.. auto{kind}:: {name}
```
"""


def lay_out(source: Path, notebooks: Path) -> dict[str, dict]:
    """Copy pages into a folder, at their places in the repository; return the notebooks."""
    shutil.rmtree(source, ignore_errors=True)
    written = shutil.ignore_patterns("*.npz", "__pycache__")
    for name in ("docs", "models", "params"):
        shutil.copytree(ROOT / name, source / name, ignore=written)
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"):
        shutil.copyfile(ROOT / name, source / name)
    (source / "_static").mkdir()
    for name in ("facegen.css", "facegen.js"):
        shutil.copyfile(SITE / name, source / "_static" / name)
    (source / "notebooks").mkdir()
    found = {}
    for path in (*(ROOT / "notebooks").glob("*.ipynb"), *notebooks.glob("*.ipynb")):  # the latter win
        found[path.stem] = with_pictures(json.loads(path.read_text(encoding="utf-8")))
        write_text(source / "notebooks" / path.name, json.dumps(found[path.stem]))
    return dict(sorted(found.items()))


def with_pictures(notebook: dict) -> dict:
    """A notebook as Sphinx needs it: attached pictures are in its text, and outputs tell what they show."""
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        for name, kinds in cell.pop("attachments", {}).items():
            for kind, content in kinds.items():
                address = f"data:{kind};base64,{''.join(''.join(content).split())}"
                cell["source"] = cell["source"].replace(f"attachment:{name}", address)
        cell |= {"outputs": list(map(_told, cell["outputs"]))} if "outputs" in cell else {}
    return notebook


def _told(output: dict) -> dict:
    """An output whose picture has its alternative text, which Sphinx would leave out."""
    for kind in PICTURES:
        if text := output.get("metadata", {}).get(kind, {}).get("alt"):
            content = "".join(output["data"][kind])
            if kind == "image/svg+xml":  # as a picture of its own, it touches nothing else of the page
                content = base64.b64encode(content.encode()).decode()
            source = f"data:{kind};base64,{''.join(content.split())}"
            element = f'<img alt="{html.escape(text)}" src="{source}">'
            return output | {"data": {"text/html": element}}
    return output


def reference(folder: Path) -> list[str]:
    """Write pages of the package: what it offers, each room, all other modules; return their names."""
    folder.mkdir()
    pages = {}  # title -> names of modules
    for module in sorted(pkgutil.iter_modules(facegen.__path__), key=lambda module: module.name):
        name = f"facegen.{module.name}"
        if module.ispkg:
            pages[name] = [name, *_modules(Path(module.module_finder.path) / module.name, name)]
        elif not module.name.startswith("_"):
            pages.setdefault("other-modules", []).append(name)
    for title, names in pages.items():
        parts = (DIRECTIVE.format(kind="module", name=name) for name in names)
        write_text(folder / f"{title}.md", f"# {title.replace('-', ' ')}\n\n" + "\n".join(parts))
    # by their capitals: to look at them would load TensorFlow, which says so whatever it is told
    kinds = {name: "class" if name[0].isupper() else "function" for name in PUBLIC}
    functions_first = sorted(PUBLIC, key=lambda name: kinds[name] == "class")
    parts = (DIRECTIVE.format(kind=kinds[name], name=f"facegen.{name}") for name in functions_first)
    write_text(folder / "facegen.md", "\n".join(["# facegen\n", facegen.__doc__, *parts]))
    return ["facegen", *pages]


def _modules(folder: Path, name: str) -> list[str]:
    inner = (module.name for module in pkgutil.iter_modules([str(folder)]))
    return sorted(f"{name}.{module}" for module in inner if not module.startswith("_"))


def panels(source: Path, wanted: bool) -> None:
    """Write the pages of the panels, and their scripts."""
    if wanted:
        import toggles

        toggles.build(source / "_static" / "panels", ROOT / "build" / "npm")
    for page, name in PANELS.items():
        text = (SITE / "pages" / f"{page}.md").read_text(encoding="utf-8")
        made = NONE.format(name=name)
        if wanted:
            made = "```{raw} html\n" + toggles.page(name, "_static/panels/") + "```"
        write_text(source / f"{page}.md", text.replace("{{ panel }}", made))


def front(source: Path, notebooks: dict[str, dict], measured: dict[str, dict], modules: list[str]) -> None:
    """Write the front page, with the order of all others."""
    docs = {path.stem for path in (source / "docs").glob("*.md")}
    trees = {
        "Play": list(PANELS),
        "The course": [f"notebooks/{name}" for name in notebooks],
        "To look up": [f"docs/{name}" for name in sorted(docs, key=_place)],
        "Trained models": sorted(
            f"models/{path.parent.name}/README" for path in source.glob("models/*/README.md")
        ),
        "The package": [f"reference/{name}" for name in modules],
        "The project": ["CONTRIBUTING", "CHANGELOG"],
    }
    rows = (_row(name, notebook, measured.get(name)) for name, notebook in notebooks.items())
    text = (
        (SITE / "pages" / "index.md").read_text(encoding="utf-8").replace("{{ notebooks }}", "\n".join(rows))
    )
    for caption, pages in trees.items():
        text += "\n" + "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])
    write_text(source / "index.md", text)


def _place(name: str) -> tuple:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _row(name: str, notebook: dict, measured: dict | None) -> str:
    """A notebook on the front page: what it is for, and how its run went."""
    text = "\n\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    title = text.splitlines()[0].lstrip("# ")
    prose = "\n".join(line for line in text.splitlines() if not line.startswith(("#", "[![", "!["))).strip()
    purpose = re.sub(r"\s+", " ", prose.partition("\n\n")[0]).replace("|", "\\|")
    took = clock(measured["seconds"]) if measured else ""
    went = f"**{measured['outcome']}** after {took}" if measured and "outcome" in measured else took
    return f"| [{title}](notebooks/{name}.ipynb) | {purpose} | {went} |"


def times_of(folder: Path) -> dict[str, dict]:
    """How long the notebooks of a folder took, as it was noted beside them."""
    table = folder / "times.json"
    return json.loads(table.read_text(encoding="utf-8"))["notebooks"] if table.is_file() else {}


def make(notebooks: Path, folder: Path, with_panels: bool = True) -> Path:
    """Make the whole site; return its front page.

    Args:
        notebooks: folder of executed ones, which go before those in notebooks/.
        folder: of the site; what it is made of goes beside it.
        with_panels: with those that work without Python, for which npm is needed.

    Raises:
        FacegenError: there is no npm or no Sphinx, or Sphinx failed.
    """
    if lacking := [name for name in NEEDED if find_spec(name) is None]:
        raise FacegenError(f"No pages are made: {', '.join(lacking)} missing, which `make setup` installs.")
    work = folder.parent / ".pages"
    source = work / "source"
    laid_out = lay_out(source, notebooks)
    panels(source, with_panels)
    measured = times_of(ROOT / "notebooks") | times_of(notebooks)
    front(source, laid_out, measured, reference(source / "reference"))
    options = [
        "-c",
        str(SITE),
        "-q",
        "-j",
        "2",  # processes, each of which loads TensorFlow for the package's pages
        "-d",
        str(work / "doctrees"),
        "-D",
        f"html_static_path={source}/_static",
    ]
    command = [sys.executable, "-m", "sphinx", *options, str(source), str(folder)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    print(settle(done.stderr, quiet=True), end="", file=sys.stderr)  # without what TensorFlow tells of itself
    shutil.rmtree(folder.parent / "jupyter_execute", ignore_errors=True)  # a copy of what is in _sources
    if done.returncode:
        raise FacegenError("Sphinx could not make the site: what it said stands above.")
    return folder / "index.html"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--without-toggles", action="store_true")
    given = parser.parse_args()
    try:
        page = make(given.notebooks.resolve(), given.out.resolve(), not given.without_toggles)
    except FacegenError as error:
        sys.exit(str(error))
    print(f"The pages are made; open {page}")


if __name__ == "__main__":
    main()
