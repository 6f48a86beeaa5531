#!/usr/bin/env python3
"""Write the course's address into the first cell of every notebook and into README.md.

The address itself stands in pyproject.toml, [project.urls] Source, and nowhere else by hand.

    python tools/address.py                  bring notebooks and README in step with pyproject.toml
    python tools/address.py https://...      change the address first
    python tools/address.py --cell           print the first code cell of every notebook
    python tools/address.py --check          change nothing; fail if something is out of step
"""

import argparse
import json
import os
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
CELL = """\
import sys
from importlib.util import find_spec
from pathlib import Path

if Path("../facegen").is_dir():  # in a checkout
    sys.path.append(str(Path("..").resolve()))
if not find_spec("facegen"):  # elsewhere, such as Colab
    %pip install -q "git+{address}" "gdown>=6.5"  # an older one may wait for ever"""


def address(root: Path = ROOT) -> str:
    """Return the address of the repository, as git clones it."""
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]["urls"]["Source"]


def cell(root: Path = ROOT) -> str:
    """Return the first code cell of every notebook: it makes `facegen` importable."""
    return CELL.format(address=address(root))


def colab(where: str, path: str) -> str:
    """Return the badge that opens a file in Colab, "" where Colab cannot open it (it knows GitHub alone)."""
    github = re.fullmatch(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?", where)
    return f"{BADGE}(https://colab.research.google.com/github/{github[1]}/blob/main/{path})" if github else ""


def notebook_text(path: Path, root: Path = ROOT) -> str:
    """Return a notebook with today's first cell and badge.

    Raises ValueError where the first code cell is not the one that makes facegen importable.
    """
    notebook = json.loads(path.read_text())
    code = next((c for c in notebook["cells"] if c["cell_type"] == "code"), {"source": ""})
    if "facegen" not in (old := "".join(code["source"])) or "git+" not in old:
        raise ValueError(
            f"{path.name}: expected the first code cell of tools/address.py --cell. Found: {old!r}"
        )
    code["source"] = cell(root).splitlines(keepends=True)
    title = notebook["cells"][0]
    lines = [x for x in "".join(title["source"]).splitlines(keepends=True) if not x.startswith(BADGE)]
    if badge := colab(address(root), f"notebooks/{path.name}"):
        lines[0] = lines[0].rstrip("\n") + "\n"
        lines[1:1] = [badge + "\n"]
    title["source"] = lines
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def readme_text(root: Path = ROOT) -> str:
    """Return README.md with its two marked parts written anew: how to clone, and where Colab finds it."""
    where, text = address(root), (root / "README.md").read_text()
    folder = where.rstrip("/").rpartition("/")[2].removesuffix(".git")
    clone = f"```\ngit clone {where}\ncd {folder}\nmake course\nmake test\n```"
    names = [path.stem for path in sorted((root / "notebooks").glob("*.ipynb"))]
    badges = [f"- `{n}` {badge}" for n in names if (badge := colab(where, f"notebooks/{n}.ipynb"))]
    upload = f"Upload a notebook of `notebooks/` to Colab; its first cell fetches the package from {where}."
    for name, body in {"clone": clone, "colab": "\n".join(badges) or upload}.items():
        part = rf"(<!-- {name}: .*? -->\n).*?(<!-- /{name} -->)"
        text, found = re.subn(part, lambda m, body=body: f"{m[1]}{body}\n{m[2]}", text, flags=re.S)
        if not found:
            raise ValueError(f"README.md: expected a part between <!-- {name}: ... --> and <!-- /{name} -->")
    return text


def out_of_step(root: Path = ROOT) -> dict[Path, str]:
    """Return the files that differ from what the address asks for, with the text they should have."""
    wanted = {path: notebook_text(path, root) for path in sorted((root / "notebooks").glob("*.ipynb"))}
    wanted[root / "README.md"] = readme_text(root)
    return {path: text for path, text in wanted.items() if not same(path, text)}


def same(path: Path, text: str) -> bool:
    """Compare a file with a text; a notebook by its content, whatever its white space."""
    old = path.read_text()
    return _flat(old) == _flat(text) if path.suffix == ".ipynb" else old == text


def _flat(text: str) -> dict:
    notebook = json.loads(text)
    for one in notebook["cells"]:
        one["source"] = "".join(one["source"])
    return notebook


def change(new: str, root: Path = ROOT) -> None:
    """Put a new address into pyproject.toml."""
    path = root / "pyproject.toml"
    write(path, re.sub(r'(?m)^(Source = )".*"$', lambda m: f'{m[1]}"{new}"', path.read_text()))


def write(path: Path, text: str) -> None:
    """Replace a file as a whole."""
    aside = path.with_name(path.name + ".new")
    aside.write_text(text)
    os.replace(aside, path)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("new", nargs="?", help="the new address, as git clones it")
    parser.add_argument("--cell", action="store_true", help="print the first code cell of every notebook")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail if something is out of step"
    )
    arguments = parser.parse_args()
    if arguments.cell:
        print(cell())
        return 0
    if arguments.new:
        change(arguments.new)
    changes = out_of_step()
    for path, text in changes.items():
        print("out of step:" if arguments.check else "wrote", path.relative_to(ROOT))
        if not arguments.check:
            write(path, text)
    return int(arguments.check and bool(changes))


if __name__ == "__main__":
    sys.exit(main())
