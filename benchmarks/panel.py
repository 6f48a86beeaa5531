"""How long a toggle takes: a picture in Python, and from the click to the new picture in a browser.

python benchmarks/panel.py [MODEL] [CLICKS]      a model's name or folder; clay-gan and 100 by default

Of a model that turns heads, clay-deconv say, the slider of the angle is dragged from profile to profile:
how many pictures a second arrive in the browser; above it, how many are drawn of heads that only turn.
"""

import itertools
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

import numpy as np
from served import chromium, served

from facegen import panel
from facegen.models import zoo
from facegen.viz import video

# Clicks a toggle as a pointer does, and waits until the picture that comes of it is decoded.
CLICK = """async () => {
  const image = document.querySelector('.facegen img')
  const toggle = document.querySelector('.facegen input[title^=Smiling]')
  const start = performance.now()
  const drawn = new Promise(done => image.addEventListener('load', done, {once: true}))
  toggle.click()
  await drawn
  return performance.now() - start
}"""

# Notes when each new picture has been decoded.
WATCH = """() => {
  window.arrived = []
  document.querySelector('.facegen img').addEventListener('load', () => arrived.push(performance.now()))
}"""
DRAG = 4  # seconds, in each of which the hand goes from profile to profile


def summary(milliseconds: list[float]) -> str:
    nine_of_ten = sorted(milliseconds)[int(0.9 * (len(milliseconds) - 1))]
    return f"median {statistics.median(milliseconds):.1f} ms, nine of ten within {nine_of_ten:.1f} ms"


def in_python(model: str, clicks: int) -> None:
    """`model.draw`, and what the panel draws with, in turn; each with the PNG that is sent."""
    trained = zoo.load(model)
    made, random = panel.for_model(trained), np.random.default_rng(0)
    look = made.inputs(made.look)

    def other(names) -> dict[str, np.ndarray]:
        """The first look, with something else of some conditions."""
        return look | {name: made.kinds[name].row(made.kinds[name].pick(random)) for name in names}

    late = [name for name in made.kinds if name in trained.read_late]
    ways = {
        "model.draw": lambda inputs: trained.draw({name: row[None] for name, row in inputs.items()})[0],
        "the panel": made.quick.draw,
        **({f"the panel, {' and '.join(late)} alone": made.quick.draw} if late else {}),
    }
    times = {name: [] for name in ways}
    for _ in range(clicks + 1):
        for name, way in ways.items():
            made.quick.draw(look)
            inputs = other(late if name.endswith("alone") else made.kinds)
            start = time.perf_counter()
            video.png(way(inputs))
            times[name].append(1000 * (time.perf_counter() - start))
    for name, found in times.items():
        print(f"{name:28} {summary(found[1:])}, {1000 / statistics.median(found[1:]):.0f} a second")


def in_browser(model: str, clicks: int) -> None:
    """The served page in Chromium without a window, on this machine."""
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as folder,
        served(zoo.find(model), Path(folder) / "log") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{server.address}/?token={server.token}", timeout=600_000)
        page.wait_for_selector(".facegen img", timeout=600_000)
        page.wait_for_timeout(2000)
        if page.locator(".facegen-dial").count():
            dragged(page)
        else:
            clicked(page, clicks)
        browser.close()


def clicked(page, clicks: int) -> None:
    """From a click to its picture."""
    times = []
    for _ in range(clicks + 1):
        times.append(page.evaluate(CLICK))
        page.wait_for_timeout(200)  # as long as a quick hand needs
    print(f"{'click to picture':28} {summary(times[1:])}")


def dragged(page) -> None:
    """Pictures that arrive while the angle is dragged from profile to profile and back."""
    page.evaluate(WATCH)
    slider = page.locator(".facegen .widget-hslider", has_text="Degrees").first.locator(".noUi-base")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    across, y = [box["x"] + box["width"] * share for share in (0.25, 0.75)], box["y"] + box["height"] / 2
    page.mouse.move((across[0] + across[1]) / 2, y)  # the handle: 0 degrees
    page.mouse.down()
    start = time.monotonic()
    while (passed := time.monotonic() - start) < DRAG:
        share = abs(1 - passed % 2)
        page.mouse.move(across[0] + (across[1] - across[0]) * share, y)
    page.mouse.up()
    page.wait_for_timeout(1000)
    arrived = [at / 1000 for at in page.evaluate("arrived")]
    gaps = [1000 * (after - before) for before, after in itertools.pairwise(arrived)]
    rate = (len(arrived) - 1) / (arrived[-1] - arrived[0])
    print(f"{'a wheel that is dragged':28} {rate:.0f} pictures a second, one after {summary(gaps)}")


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else "clay-gan"
    clicks = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    print(f"{model}, {clicks} times, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    in_python(model, clicks)
    in_browser(model, clicks)


if __name__ == "__main__":
    main()
