"""The panels without Python: the same pictures as here, the same rules, by keyboard, from a disk."""

import base64
import functools
import http.server
import io
import json
import shutil
import subprocess
import threading

import numpy as np
import pytest
from PIL import Image

import facegen
from facegen.conditions.attributes import index
from facegen.panel import state
from facegen.panel.attributes import AttributePanel
from facegen.utils import mark

pytest.importorskip("onnx", reason="onnx is missing: pip install 'facegen[site]'")
import toggles

WAIT = 60_000  # milliseconds
REQUESTS = 100
LEVELS = 2  # grey levels that a picture may differ from Python's
LARGEST = 15 << 20  # bytes of a page with all that it loads

DRAW = """async ({rows, seed, truncation}) => {
  const panel = document.querySelector('.fg-root').panel, {looks} = facegen
  const look = {...looks.seeded(panel.look, seed, panel.model), rows, truncation}
  const {pixels} = await panel.draw(looks.inputs(look, panel.model))
  let text = ''
  for (let i = 0; i < pixels.length; i += 4096) text += String.fromCharCode(...pixels.subarray(i, i + 4096))
  return btoa(text)
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A folder with a bare page of each panel."""
    folder = tmp_path_factory.mktemp("panels")
    try:
        toggles.build(folder, folder / "npm")
    except facegen.FacegenError as error:
        pytest.skip(f"the panels cannot be made here: {error}")
    shutil.rmtree(folder / "npm")
    for name in toggles.MODELS:
        (folder / f"{name}.html").write_text(toggles.BARE.format(name=name, page=toggles.page(name)))
    return folder


@pytest.fixture(scope="module")
def server(pages):
    """The address of a server of these pages."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(pages))
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


@pytest.fixture
def visit(browser, pages):
    """Opens the page of a model; afterwards nothing may have gone wrong, nor come from elsewhere."""
    opened, faults = [], []

    def open_page(name, address=None, **options):
        page = browser.new_page(**options)
        opened.append(page)
        page.set_default_timeout(WAIT)
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.append(request.url) if foreign(request.url) else None)
        page.goto(f"{address or pages.as_uri()}/{name}.html")
        page.wait_for_function("document.querySelector('.fg-root').panel")
        return page

    yield open_page
    for page in opened:
        page.close()
    assert faults == []


def foreign(address: str) -> bool:
    return not address.startswith(("file:", "data:", "blob:", "http://127.0.0.1:"))


def requests(model, count):
    """Wishes of all kinds: rows as the panel holds them, a seed, a share of the noise."""
    random = np.random.default_rng(0)
    for seed in range(count):
        rows = {name: kind.row(kind.pick(random)) for name, kind in model.kinds().items()}
        yield {name: row.astype(float) for name, row in rows.items()}, seed, random.choice([1.0, 0.5])


def drawn(model, rows, seed, truncation):
    inputs = {name: row[None] for name, row in rows.items()}
    if "noise" in model.generator.input:
        inputs["noise"] = truncation * model.sample_noise(1, seed)
    return model.draw(inputs)[0].astype(int)


def shown(page, model, rows, seed, truncation):
    asked = {"rows": {name: row.tolist() for name, row in rows.items()}, "seed": seed}
    pixels = page.evaluate(DRAW, {**asked, "truncation": float(truncation)})
    return np.frombuffer(base64.b64decode(pixels), "uint8").reshape(*model.image_shape[:2], 4)[..., :3]


@pytest.mark.timeout(1200)  # a hundred pictures, twice, on a machine that does other things as well
@pytest.mark.parametrize("name", toggles.MODELS)
def test_pictures_are_those_of_python(visit, server, name):
    model = facegen.load(name)
    disk, served = visit(name), visit(name, server)
    for i, request in enumerate(requests(model, REQUESTS)):
        page = served if i % 10 == 0 else disk
        assert np.abs(shown(page, model, *request) - drawn(model, *request)).max() <= LEVELS


@pytest.mark.parametrize("name", toggles.MODELS)
def test_a_page_is_not_larger_than_promised(pages, name):
    files = [*toggles.FILES, f"{name}.js", f"{name}.html"]
    assert sum((pages / file).stat().st_size for file in files) < LARGEST


def test_noise_is_that_of_numpy():
    node = shutil.which("node")
    if not node:
        pytest.skip("there is no Node.js to run the page's scripts")
    seeds = [*range(200), 2**31, 2**32 - 1]
    script = (toggles.SOURCES / "random.js").read_text(encoding="utf-8")
    ask = f"console.log(JSON.stringify({seeds}.map(s => [...facegen.random.noise(s, 300, true)])))"
    code = f"globalThis.window = globalThis; {script}\n{ask}"
    told = subprocess.run([node, "-e", code], capture_output=True, text=True, check=True).stdout
    for seed, noise in zip(seeds, json.loads(told), strict=True):
        expected = np.random.default_rng(seed).standard_normal(300, "float32")
        assert np.array_equal(np.array(noise, "float32"), expected)


def test_toggles_make_room_for_each_other_as_in_the_panel(visit):
    page, model = visit("clay-gan"), facegen.load("clay-gan")
    columns = model.names["attributes"]
    row = np.zeros(len(columns), "float32")
    random = np.random.default_rng(1)
    page.evaluate("document.querySelector('.fg-root').panel.start.rows.attributes.fill(0)")
    page.get_by_role("button", name="Reset").click()
    boxes = page.locator(".fg-toggle input")
    where = page.locator(".fg-toggle").all_inner_texts()
    for _ in range(60):
        name = columns[random.integers(len(columns))]
        row = state.switched(row, columns, name, 1 - row[columns.index(name)])
        boxes.nth(where.index(toggles.spoken(name))).click()
        asked = page.evaluate("document.querySelector('.fg-root').panel.look.rows.attributes")
        assert asked == row.tolist()
    page.wait_for_function("!document.querySelector('.fg-root').panel.busy")
    assert [box.is_checked() for box in boxes.all()] == [
        bool(row[[toggles.spoken(c) for c in columns].index(text)]) for text in where
    ]


def test_a_morph_goes_the_way_of_the_panel(visit):
    model = facegen.load("clay-deconv")
    page, kinds = visit("clay-deconv"), model.kinds()
    ends = list(requests(model, 2))
    start, end = ({name: kinds[name].state(row) for name, row in rows.items()} for rows, *_ in ends)
    looks = [
        {"rows": {n: r.tolist() for n, r in rows.items()}, "truncation": 1, "seed": None} for rows, *_ in ends
    ]
    for t in (0.25, 0.5, 0.9):
        way = "([a, b, t]) => facegen.looks.between(a, b, t, facegen.models['clay-deconv']).rows"
        rows = page.evaluate(way, [*looks, t])
        for name, kind in kinds.items():
            expected = kind.row(kind.interpolate(start[name], end[name], t))
            np.testing.assert_allclose(rows[name], expected, atol=1e-6)


def test_a_seed_is_the_same_face_as_in_the_panel(visit):
    page, panel = visit("clay-gan"), AttributePanel(facegen.load("clay-gan"), seed=123)
    page.get_by_label("Seed").fill("123")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.fg-root').panel.look.seed === 123")
    page.wait_for_function("!document.querySelector('.fg-root').panel.busy")
    seen = page.evaluate("[...document.querySelector('.fg-root').panel.picture.pixels]")
    assert np.abs(np.array(seen).reshape(64, 64, 4)[..., :3] - panel.image.astype(int)).max() <= LEVELS


def test_what_is_typed_wrongly_is_explained_and_changes_nothing(visit):
    page = visit("clay-gan")
    page.get_by_label("Seed").fill("seven")
    page.keyboard.press("Enter")
    assert "expected a whole number" in page.get_by_role("status").inner_text()
    assert page.get_by_label("Seed").input_value() == "0"


def test_nobody_at_all_cannot_be_drawn(visit):
    page = visit("clay-deconv")
    page.get_by_role("slider", name="neutral").fill("0")
    assert "give somebody a weight" in page.get_by_role("status").inner_text()
    assert page.get_by_role("slider", name="neutral").input_value() == "1"


def test_keyboard_alone_presses_turns_keeps_and_morphs(visit):
    page = visit("clay-gan")
    page.get_by_role("checkbox", name="Smiling").focus()
    page.keyboard.press("Space")
    page.get_by_text("face 2").wait_for()
    assert page.get_by_role("img").get_attribute("aria-label").endswith("Smiling, Straight Hair, Young")
    page.get_by_role("button", name="as A of the morph").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # the focus is where it was, so B is next
    page.get_by_role("button", name="Back to face 1").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="as B of the morph").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.get_by_text("face 3").wait_for()
    row = page.evaluate("document.querySelector('.fg-root').panel.look.rows.attributes")
    assert 0 < row[index("Smiling")] < 0.02
    wheel = visit("clay-deconv")
    wheel.get_by_role("button", name="orientation: 45 degrees").focus()
    wheel.keyboard.press("Enter")
    wheel.get_by_text("face 2").wait_for()
    assert np.allclose(
        wheel.evaluate("document.querySelector('.fg-root').panel.look.rows.orientation"), 0.5**0.5
    )


def test_everything_that_can_be_used_has_a_name(visit):
    for name in toggles.MODELS:
        page = visit(name)
        told = page.locator("body").aria_snapshot()
        unnamed = [
            line for line in told.splitlines() if line.strip() in ("- button", "- checkbox", "- slider")
        ]
        assert unnamed == []


def test_a_telephone_has_room_for_it(visit):
    for name in toggles.MODELS:
        page = visit(name, viewport={"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_saved_file_says_that_it_is_synthetic(visit):
    page = visit("clay-gan")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save PNG").click()
    with open(saved.value.path(), "rb") as file:
        content = file.read()
    assert saved.value.suggested_filename == "face-1.png"
    assert mark.read(io.BytesIO(content)) == mark.text("clay-gan")
    seen = page.evaluate("[...document.querySelector('.fg-root').panel.picture.pixels]")
    with Image.open(io.BytesIO(content)) as image:
        assert np.array_equal(np.array(image), np.array(seen).reshape(64, 64, 4)[..., :3])
