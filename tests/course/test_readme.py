"""README: examples work when they are pasted, links lead somewhere, and times are the measured ones."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import first_cell
import pytest
import times

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = README + (ROOT / "docs" / "package.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGES, re.M | re.S)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(number, tmp_path):
    environment = {**os.environ, "FACEGEN_SCALE": "smoke", "FACEGEN_DATA": str(tmp_path)}
    environment["FACEGEN_BUILD"] = str(tmp_path / "build")
    done = subprocess.run(
        [sys.executable, "-c", EXAMPLES[number]],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_there_is_an_example():
    assert EXAMPLES


def test_its_first_picture_is_small_and_its_links_lead_somewhere():
    assert (ROOT / "docs" / "toggles.webp").stat().st_size < 500_000
    targets = re.findall(r'\]\(([^)#:]+)\)|(?:src|srcset)="([^"]+)"', README)
    assert [target for pair in targets for target in pair if target and not (ROOT / target).exists()] == []


def test_the_address_is_named_once_it_is_real():
    assert first_cell.PLACEHOLDER not in README
    assert first_cell.address() in README


def test_the_times_are_the_measured_ones():
    measured = json.loads((ROOT / "notebooks" / "times.json").read_text(encoding="utf-8"))
    for path in times.PAGES:
        page = path.read_text(encoding="utf-8")
        assert times.BLOCK.search(page) and times.written(page, measured) == page
    assert {*measured["notebooks"]} == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert measured["scale"] == "laptop"
    for name, one in measured["notebooks"].items():
        notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        title = "".join(notebook["cells"][0]["source"])
        assert "**Time**: " in title and times.titled(title, one["seconds"]) == title
