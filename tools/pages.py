"""Make the site: executed notebooks, docs, cards, the package's pages, and panels that work without Python.

python tools/pages.py                              of notebooks/, into build/site/html
python tools/pages.py --notebooks build/course     of other executed notebooks
python tools/pages.py --without-toggles            where there is no npm to fetch their runtime

The pages are laid out in build/site/source first; Sphinx makes the site of them (site/conf.py).
"""

import argparse
import json
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import toggles

import facegen
from facegen.errors import FacegenError
from facegen.files import write_text

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
PANELS = {"toggles": "clay-gan", "heads": "clay-deconv"}  # page -> its model
ORDER = ("deconvolution", "measures", "own-pictures")  # of docs, before those by name
PUBLIC = sorted(facegen._HOME)  # what `facegen` itself offers, wherever it is defined
NONE = "*This site was made without Node.js: the panel is left out. `facegen panel {name}` opens it.*"
DIRECTIVE = """## `{name}`

```{{eval-rst}}
.. auto{kind}:: {name}
```
"""


def lay_out(source: Path, notebooks: Path) -> None:
    """Put all pages but the panels and the front page into a folder, at their places in the repository."""
    shutil.rmtree(source, ignore_errors=True)
    copied = shutil.ignore_patterns("*.npz", "__pycache__", ".ipynb_checkpoints", "*.html")
    for path in sorted(notebooks.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        write_text(made(source / "notebooks") / path.name, json.dumps(with_pictures(notebook)))
    for name in ("docs", "models", "params"):
        shutil.copytree(ROOT / name, source / name, ignore=copied)
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"):
        shutil.copyfile(ROOT / name, source / name)
    (source / "_static").mkdir()
    for name in ("facegen.css", "facegen.js"):
        shutil.copyfile(SITE / name, source / "_static" / name)


def made(folder: Path) -> Path:
    """A folder, which is there from now on."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def with_pictures(notebook: dict) -> dict:
    """A notebook whose text holds its attached pictures itself, as pages need it."""
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        for name, kinds in cell.pop("attachments", {}).items():
            for kind, content in kinds.items():
                text = text.replace(f"attachment:{name}", f"data:{kind};base64,{''.join(content.split())}")
        cell["source"] = text
    return notebook


def reference(folder: Path) -> list[str]:
    """Write a page for the package, one for each of its rooms and one for all other modules; return names."""
    made(folder)
    package = [module for module in pkgutil.iter_modules(facegen.__path__) if not module.name.startswith("_")]
    pages = {}  # title -> names of modules
    for module in sorted(package, key=lambda module: module.name):
        name = f"facegen.{module.name}"
        if module.ispkg:
            pages[name] = [name, *_modules(module, name)]
        else:
            pages.setdefault("other modules", []).append(name)
    for title, names in pages.items():
        parts = [_directive("module", name) for name in names]
        write_text(folder / f"{_slug(title)}.md", f"# {title}\n\n" + "\n".join(parts))
    write_text(folder / "facegen.md", "\n".join(["# facegen\n", facegen.__doc__, *_shown_names()]))
    return ["facegen", *map(_slug, pages)]


def _directive(kind: str, name: str) -> str:
    return DIRECTIVE.format(kind=kind, name=name)


def _shown_names() -> list[str]:
    """Directives of what `facegen` itself offers, functions first."""
    kinds = {name: "class" if isinstance(getattr(facegen, name), type) else "function" for name in PUBLIC}
    return [
        _directive(kinds[name], f"facegen.{name}")
        for name in sorted(PUBLIC, key=lambda n: kinds[n] == "class")
    ]


def _modules(package: pkgutil.ModuleInfo, name: str) -> list[str]:
    folder = str(Path(package.module_finder.path) / package.name)
    return sorted(f"{name}.{inner.name}" for inner in pkgutil.iter_modules([folder]) if inner.name[0] != "_")


def _slug(title: str) -> str:
    return title.replace(" ", "-")


def panels(source: Path, wanted: bool) -> None:
    """Write the pages of the panels, and their scripts."""
    if wanted:
        toggles.build(source / "_static" / "panels", ROOT / "build" / "npm")
    for page, name in PANELS.items():
        html = "```{raw} html\n" + toggles.page(name, "_static/panels/") + "```"
        text = (SITE / "pages" / f"{page}.md").read_text(encoding="utf-8")
        write_text(
            source / f"{page}.md", text.replace("{{ panel }}", html if wanted else NONE.format(name=name))
        )


def front(source: Path, modules: list[str]) -> None:
    """Write the front page, with the order of all others."""
    docs = sorted(path.stem for path in (source / "docs").glob("*.md"))
    docs = [name for name in ORDER if name in docs] + [name for name in docs if name not in ORDER]
    trees = {
        "Play": list(PANELS),
        "The course": [f"notebooks/{path.stem}" for path in sorted((source / "notebooks").glob("*.ipynb"))],
        "To look up": [f"docs/{name}" for name in docs],
        "Trained models": [
            f"models/{path.parent.name}/README" for path in sorted(source.glob("models/*/README.md"))
        ],
        "The package": [f"reference/{name}" for name in modules],
        "The project": ["CONTRIBUTING", "CHANGELOG"],
    }
    text = (SITE / "pages" / "index.md").read_text(encoding="utf-8")
    for caption, pages in trees.items():
        lines = ["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```"]
        text += "\n" + "\n".join(lines) + "\n"
    write_text(source / "index.md", text)


def make(notebooks: Path, folder: Path, with_panels: bool = True) -> Path:
    """Make the whole site; return its front page.

    Args:
        notebooks: folder of the executed ones.
        folder: `source/` and `html/` are made in it.
        with_panels: with those that work without Python, for which npm is needed.

    Raises:
        FacegenError: there is no npm or no Sphinx, or Sphinx failed.
    """
    source, html = folder / "source", folder / "html"
    lay_out(source, notebooks)
    panels(source, with_panels)
    front(source, reference(source / "reference"))
    options = [
        "-c",
        str(SITE),
        "-q",
        "-d",
        str(folder / "doctrees"),
        "-D",
        f"html_static_path={source / '_static'}",
    ]
    command = [sys.executable, "-m", "sphinx", *options, str(source), str(html)]
    done = subprocess.run(command, check=False)
    if done.returncode:
        raise FacegenError("Sphinx could not make the site: what it said stands above.")
    return html / "index.html"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--without-toggles", action="store_true")
    given = parser.parse_args()
    try:
        print(make(given.notebooks, given.out, not given.without_toggles))
    except FacegenError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
