"""Slides: which cells are on them, and what a page of them holds."""

import re

import nbformat
import pytest
import slides
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from facegen.utils.errors import FacegenError

SHOWN = [  # lessons 1 to 6 of docs/teaching.md
    "01_datasets",
    "02_dcgan",
    "03_conditional_gan",
    "04_deconv",
    "05_results",
    "06_orientation",
]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def tag(cell):
    cell.metadata["tags"] = [slides.TAG]
    return cell


def picture(alt):
    return new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": alt}})


def small():
    """Two slides: one with a picture, one with a line of code; and cells that are on none."""
    shown = new_code_cell("draw_it()", outputs=[picture("a dot")])
    line = new_code_cell("print(6 * 7)", outputs=[new_output("stream", text="42\n")])
    cells = [tag(new_markdown_cell("# One")), tag(shown), new_markdown_cell("skipped"), new_code_cell("no()")]
    return new_notebook(cells=[*cells, tag(new_markdown_cell("## Two")), tag(line)])


@pytest.mark.parametrize("name", SHOWN)
def test_the_notebooks_of_the_lessons_have_slides(name):
    notebook = nbformat.read(slides.ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    cells = [cell for part in slides.slides(notebook) for cell in part]
    assert 8 <= len(cells) <= 15
    assert cells[0] is notebook.cells[0]  # the title
    for cell in cells:  # a slide says something, and nobody needs to scroll for it
        assert 0 < len([line for line in cell.source.splitlines() if line.strip()]) <= 30, cell.id


def test_a_slide_is_a_tagged_text_and_the_tagged_code_after_it():
    found = slides.slides(small())
    assert [[cell.source for cell in part] for part in found] == [
        ["# One", "draw_it()"],
        ["## Two", "print(6 * 7)"],
    ]


def test_code_without_a_text_before_it_is_refused_and_named(tmp_path):
    begun = new_notebook(cells=[tag(new_code_cell("1", id="first"))])
    with pytest.raises(FacegenError, match=r"^cell first: expected a Markdown cell"):
        slides.slides(begun)
    nbformat.write(begun, tmp_path / "a.ipynb")
    with pytest.raises(FacegenError, match=r"^a\.ipynb, cell first: "):
        slides.write(tmp_path, tmp_path / "out")


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(FacegenError, match="found none"):
        slides.write(tmp_path, tmp_path / "out")


def test_a_page_shows_pictures_without_their_code_and_other_code_with_what_it_prints(tmp_path):
    nbformat.write(small(), tmp_path / "a.ipynb")
    nbformat.write(new_notebook(cells=[new_markdown_cell("# None")]), tmp_path / "b.ipynb")
    (path,) = slides.write(tmp_path, tmp_path / "out")  # b has no slides
    text = path.read_text()
    assert "<title>One</title>" in text
    first, second = re.findall(r"<section.*?</section>", text, re.S)
    assert 'alt="a dot"' in first and PIXEL in first and "draw_it" not in first
    assert "42" in second and "print" in second and "skipped" not in text and "no()" not in text


def test_a_slide_fits_the_window_and_an_arrow_leads_to_the_next(browser, tmp_path):
    book = small()
    book.cells[0].source += "\n\n" + "A long text. " * 60
    book.cells[0].source += "\n\n" + "- and a list\n" * 8
    path = tmp_path / "a.html"
    path.write_text(slides.page(book, "One"))
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.route("http*://**", lambda route: route.abort())  # no network: MathJax is away
    page.goto(path.as_uri())
    assert page.evaluate("[...document.querySelectorAll('section')].map(s => s.scrollHeight)") == [720, 720]
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.id == '2'")
    page.close()
