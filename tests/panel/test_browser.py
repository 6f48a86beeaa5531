"""The panel in a real browser: served by `facegen panel`, clicked in Chromium.

Every test begins with Reset; the page is opened once, because TensorFlow takes its time.
"""

import base64
import io
import re

import pytest
from panels import deconv, gan
from PIL import Image
from served import LONG, served

from facegen.models import saving

pytest.importorskip("voila")
WAIT = 60_000  # milliseconds

# Counts the pictures that the page shows.
COUNT = """() => {
  window.pictures = 0
  const count = changes => changes.forEach(c => { if (c.target.matches('.facegen img')) window.pictures++ })
  new MutationObserver(count).observe(document, {subtree: true, attributes: true, attributeFilter: ['src']})
}"""

# How far to the right anything reaches that can be used.
RIGHT = """() => {
  const used = document.querySelectorAll('.facegen :is(input, select, button, img, a, .widget-readout)')
  return Math.max(...[...used].map(e => e.getBoundingClientRect().right))
}"""


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """The page of a small GAN, with a list of all that went wrong in it."""
    folder = tmp_path_factory.mktemp("b")
    with served(saving.save(gan(), folder / "gan"), folder / "log") as server:
        page, faults = visit(browser, server)
        yield page, faults, server
        page.close()


def visit(browser, server):
    page, faults = browser.new_page(viewport={"width": 1280, "height": 800}), []
    page.set_default_timeout(WAIT)
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(f"{request.url}: {request.failure}"))
    page.on("response", lambda r: faults.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.goto(f"{server.address}/?token={server.token}", timeout=1000 * LONG)
    page.wait_for_selector(".facegen img", timeout=1000 * LONG)
    page.evaluate(COUNT)
    return page, faults


@pytest.fixture
def page(opened):
    ready = opened[0]
    settled(ready, lambda: ready.get_by_role("button", name="Reset").click())
    ready.evaluate("window.pictures = 0")
    return ready


def status(page) -> str:
    return page.locator(".facegen-status").inner_text()


def face(page) -> int:
    """The number of the face that the status line tells of."""
    return int(re.search(r"face (\d+)", status(page))[1])


def settled(page, action) -> None:
    """Do something, and wait until the status line tells of another face, and for what may come after it."""
    before = status(page)
    action()
    page.wait_for_function("t => document.querySelector('.facegen-status').innerText != t", arg=before)
    page.wait_for_timeout(300)


def picture(page) -> Image.Image:
    """What the page's picture shows, in its own size."""
    address = page.evaluate("""() => {
        const image = document.querySelector('.facegen img'), canvas = document.createElement('canvas')
        canvas.width = image.naturalWidth
        canvas.height = image.naturalHeight
        canvas.getContext('2d').drawImage(image, 0, 0)
        return canvas.toDataURL()
    }""")
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB")


def box(page, name):
    return page.get_by_role("checkbox", name=name, exact=True)


def test_40_toggles_appear(page):
    assert page.get_by_role("checkbox").count() == 41  # and "beyond 0 to 1"
    assert page.get_by_role("heading").count() == 15
    assert box(page, "Smiling").is_visible() and box(page, "5 o'Clock Shadow").is_visible()
    assert page.title() == "facegen: gan"


def test_a_click_changes_the_picture_once(page):
    before = picture(page)
    settled(page, box(page, "Smiling").click)
    assert box(page, "Smiling").is_checked() and picture(page) != before
    assert page.evaluate("window.pictures") == 1
    assert picture(page).size == (16, 16)


def test_the_keyboard_does_as_well(page):
    box(page, "Young").focus()
    settled(page, lambda: page.keyboard.press("Space"))
    assert not box(page, "Young").is_checked() and page.evaluate("window.pictures") == 1


def test_exclusive_groups_hold(page):
    assert box(page, "Brown Hair").is_checked() and box(page, "Straight Hair").is_checked()
    settled(page, box(page, "Bald").click)
    assert not box(page, "Brown Hair").is_checked() and not box(page, "Straight Hair").is_checked()
    settled(page, box(page, "Blond Hair").click)
    assert box(page, "Blond Hair").is_checked() and not box(page, "Bald").is_checked()
    assert page.evaluate("window.pictures") == 2


def test_reset_renders_once(page):
    for name in ("Bald", "Smiling", "Male", "Eyeglasses"):
        settled(page, box(page, name).click)
    page.evaluate("window.pictures = 0")
    settled(page, page.get_by_role("button", name="Reset").click)
    assert page.evaluate("window.pictures") == 1
    on = [
        box.get_attribute("title").split(":")[0]
        for box in page.get_by_role("checkbox").all()
        if box.is_checked()
    ]
    assert on == ["Young", "Brown Hair", "Straight Hair", "No Beard"]


def test_the_picture_is_enlarged_without_blur_and_nothing_sticks_out(page):
    image = page.locator(".facegen img").first
    assert image.evaluate("e => getComputedStyle(e).imageRendering") == "pixelated"
    assert image.evaluate("e => [e.naturalWidth, e.clientWidth, e.clientHeight]") == [16, 384, 384]
    for width in (1280, 900, 500):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(f"document.documentElement.scrollWidth <= {width}")  # laid out anew
        page.wait_for_function(f"({RIGHT})() <= {width}")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_what_is_typed_ends_in_a_picture_or_in_words(page):
    seed = page.get_by_label("Seed")
    seed.fill("1e400")
    seed.press("Enter")
    page.get_by_role("alert").wait_for()
    assert "expected a whole number" in page.get_by_role("alert").inner_text()
    page.wait_for_function("document.querySelector('.facegen input[type=text]').value != '1e400'")
    seed.fill("12")
    settled(page, lambda: seed.press("Enter"))
    assert page.get_by_role("alert").count() == 0
    before = picture(page)
    settled(page, page.get_by_role("button", name="New face").click)
    assert picture(page) != before and seed.input_value() not in ("12", "")
    seed.fill("12")
    settled(page, lambda: seed.press("Enter"))
    assert picture(page) == before


def test_a_slider_takes_huge_and_senseless_numbers(page):
    readout = page.locator(".widget-readout").first
    settled(page, box(page, "beyond 0 to 1").click)
    for typed in ("99999999999", "NaN", "-1e300"):
        readout.fill(typed)
        readout.press("Enter")
        page.wait_for_timeout(500)
        assert -2 <= float(readout.inner_text().replace("\N{MINUS SIGN}", "-")) <= 3
    assert page.get_by_role("alert").count() == 0


def test_one_of_the_last_faces_comes_back(page):
    before, number = picture(page), face(page)
    settled(page, page.get_by_role("button", name="New face").click)
    settled(page, page.get_by_role("button", name=str(number), exact=True).click)
    assert picture(page) == before and face(page) == number


def test_the_picture_can_be_kept(page, tmp_path):
    with page.expect_download() as download:
        page.get_by_text("Save PNG").click()
    download.value.save_as(tmp_path / "a.png")
    assert Image.open(tmp_path / "a.png").convert("RGB").tobytes() == picture(page).tobytes()
    assert download.value.suggested_filename == f"face-{face(page)}.png"


def test_no_error_in_console_or_log(opened):
    _, faults, server = opened
    assert faults == []
    assert not re.search(r"Traceback|Exception|\] ERROR|\| ERROR", server.log.read_text())


def test_the_kernel_goes_with_its_page(browser, opened):
    """After all that needs the page."""
    page, _, server = opened
    assert len(server.children()) == 1
    page.goto("about:blank")
    for _ in range(100):
        if not server.children():
            return
        page.wait_for_timeout(200)
    pytest.fail("the kernel outlives its page")


def test_people_and_emotions_mix_in_a_browser(browser, tmp_path):
    with served(saving.save(deconv(), tmp_path / "heads"), tmp_path / "log") as server:
        page, faults = visit(browser, server)
        before = picture(page)
        settled(page, page.get_by_title("orientation: 45 degrees").click)
        assert picture(page) != before and "45°" in page.locator(".facegen").inner_text()
        settled(page, page.get_by_role("button", name="Somebody").click)
        assert page.evaluate("window.pictures") == 2 and faults == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        page.close()
