"""The site: whole, without a network, opened by double click, everything within three clicks."""

import base64
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pages
import pytest
import times
from served import chromium

import facegen
from facegen.viz.diagrams import unpooling

pytest.importorskip("sphinx_book_theme", reason="Sphinx's theme is missing: make setup")
LOADED = {"script": "src", "img": "src", "link": "href", "source": "src", "iframe": "src", "video": "src"}
CLICKS = 3


class Page(HTMLParser):
    """What a page loads, where it leads, and what can be led to in it."""

    def __init__(self, path: Path):
        super().__init__()
        self.loaded, self.links, self.ids = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids |= {found["id"]} if found.get("id") else set()
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        navigation = tag == "link" and found.get("rel") in ("next", "prev", "index", "search", "canonical")
        if tag in LOADED and found.get(LOADED[tag]) and not navigation:
            self.loaded.append(found[LOADED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site's folder: with the panels, where npm can fetch what they need."""
    folder = tmp_path_factory.mktemp("made") / "site"
    have_panels = bool(shutil.which("npm"))
    try:
        pages.make(pages.ROOT / "notebooks", folder, have_panels)
    except facegen.FacegenError as error:
        if "npm" not in str(error):
            raise
        pages.make(pages.ROOT / "notebooks", folder, False)
    return folder


@pytest.fixture(scope="module")
def read(site):
    """Its pages, read: path -> Page."""
    return {path: Page(path) for path in site.rglob("*.html") if "_static" not in path.parts}


def target(path: Path, link: str) -> tuple[Path, str]:
    parts = urlsplit(link)
    return (path.parent / unquote(parts.path)).resolve() if parts.path else path, unquote(parts.fragment)


def test_nothing_is_loaded_from_elsewhere(site, read):
    foreign = {(path.name, what) for path, page in read.items() for what in page.loaded if "//" in what[:9]}
    assert foreign == set()
    assert [sheet for sheet in site.rglob("*.css") if "url(http" in sheet.read_text(encoding="utf-8")] == []


def test_all_that_is_loaded_and_every_link_is_there(read):
    broken = []
    for path, page in read.items():
        for link in [*page.loaded, *page.links]:
            if urlsplit(link).scheme:
                continue
            file, place = target(path, link)
            missing = place and file in read and place not in read[file].ids
            broken += [(path.name, link)] if missing or not file.exists() else []
    assert broken == []


def test_whoever_is_new_finds_it_within_three_clicks(site, read):
    near, seen = {site / "index.html"}, set()
    for _ in range(CLICKS):
        links = {target(path, link) for path in near if path in read for link in read[path].links}
        seen |= links
        near = {path for path, _ in links}
    wanted = [("toggles.html", ""), ("docs/results.html", ""), ("docs/own-pictures.html", "")]
    wanted += [("reference/facegen.html", "facegen.load")]
    assert [place for place in wanted if (site / place[0], place[1]) not in seen] == []


def test_docstrings_cards_and_notebooks_can_be_read_and_downloaded(site):
    reference = (site / "reference" / "facegen.html").read_text(encoding="utf-8")
    assert facegen.load.__doc__.splitlines()[0].partition(":")[0] in reference
    for name in ("clay-gan", "clay-deconv", "clay-flow"):
        assert (site / "models" / name / "README.html").is_file()
    for path in (pages.ROOT / "notebooks").glob("*.ipynb"):
        assert (site / "notebooks" / f"{path.stem}.html").is_file()
        assert list((site / "_sources" / "notebooks").glob(f"{path.stem}.ipynb*"))


def test_formulas_bring_their_letters(site):
    """MathJax would come from another machine."""
    text = (site / "notebooks" / "02_dcgan.html").read_text(encoding="utf-8")
    drawn = re.findall(r'<svg role="img" aria-label="([^"]+)".*?</svg>', text, re.S)
    assert any(latex.startswith(r"\min_G \max_D") for latex in drawn) and r"\sigma" in drawn
    assert "$$" not in text


def test_search_finds_from_a_disk(site):
    program = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page, faults = browser.new_page(), []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{(site / 'search.html').as_uri()}?q=orientation")
        results = page.locator("#search-results")
        results.get_by_text("The deconvolution network").first.wait_for(timeout=60_000)
        browser.close()
    assert faults == []


def test_a_picture_tells_what_it_shows_and_an_attachment_is_in_the_text():
    output = {"data": {"image/png": "AA=="}, "metadata": {"image/png": {"alt": "a < b"}}}
    text = {"cell_type": "markdown", "source": ["![x](attachment:a.png)"]}
    text["attachments"] = {"a.png": {"image/png": "BB=="}}
    book = {"cells": [text, {"cell_type": "code", "source": [], "outputs": [output, {"data": {}}]}]}
    first, second = pages.with_pictures(book)["cells"]
    assert first["source"] == "![x](data:image/png;base64,BB==)" and "attachments" not in first
    seen, other = second["outputs"]
    assert seen["data"] == {"text/html": '<img alt="a &lt; b" src="data:image/png;base64,AA==">'}
    assert other == {"data": {}}


def test_a_diagram_is_a_picture_of_its_own_on_its_page():
    diagram = unpooling()
    output = {"data": {"image/svg+xml": diagram.svg.splitlines(keepends=True)}}
    output["metadata"] = {"image/svg+xml": {"alt": diagram.alt}}
    (cell,) = pages.with_pictures({"cells": [{"cell_type": "code", "source": [], "outputs": [output]}]})[
        "cells"
    ]
    element = cell["outputs"][0]["data"]["text/html"]
    assert f'alt="{diagram.alt}"' in element
    assert base64.b64decode(element.partition("base64,")[2].partition('"')[0]).decode() == diagram.svg


def test_the_front_page_tells_how_a_run_went():
    book = {"cells": [{"cell_type": "markdown", "source": "# 1. A title\n\nWhat it is\nfor | you.\n\nMore."}]}
    row = pages._row("01_a", book, {"seconds": 61, "outcome": "failed"})
    assert (
        row == "| [1. A title](notebooks/01_a.ipynb) | What it is for \\| you. | **failed** after 1 min 1 s |"
    )
    assert pages._row("01_a", book, None).endswith("|  |")


def test_times_that_have_grown_are_told_and_other_machines_are_not_compared():
    run = {"machine": "M", "scale": "laptop", "jobs": 2}
    last = run | {"notebooks": {"01": {"seconds": 100}, "02": {"seconds": 5}}}
    now = run | {"notebooks": {"01": {"seconds": 200}, "02": {"seconds": 30}, "03": {"seconds": 999}}}
    assert times.grown(now, last) == ["01: 3 min 20 s, before 1 min 40 s"]
    assert times.grown(now | {"machine": "N"}, last) == []
    broken_off = last["notebooks"] | {"01": {"seconds": 100, "outcome": "failed"}}
    assert times.grown(now, last | {"notebooks": broken_off}) == []


def test_a_comparison_fails_where_times_have_grown(tmp_path, monkeypatch):
    table = json.loads((pages.ROOT / "notebooks" / "times.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(times, "LATEST", tmp_path / "now.json")
    times.compare(tmp_path / "none.json")
    times.LATEST.write_text(json.dumps(table))
    last = tmp_path / "last.json"
    last.write_text(json.dumps(table))
    times.compare(last)
    table["notebooks"]["02_dcgan"]["seconds"] //= 3
    last.write_text(json.dumps(table))
    with pytest.raises(SystemExit, match="02_dcgan"):
        times.compare(last)
