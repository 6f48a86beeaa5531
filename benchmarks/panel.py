"""How long a toggle takes: a picture in Python, and from the click to the new picture in a browser.

python benchmarks/panel.py [MODEL] [CLICKS]      a model's name or folder; clay-gan and 100 by default
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

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


def summary(milliseconds: list[float]) -> str:
    nine_of_ten = sorted(milliseconds)[int(0.9 * (len(milliseconds) - 1))]
    return f"median {statistics.median(milliseconds):.1f} ms, nine of ten within {nine_of_ten:.1f} ms"


def in_python(model: str, clicks: int) -> None:
    """`model.draw`, and what the panel draws with, in turn; each with the PNG that is sent."""
    trained = zoo.load(model)
    made = panel.for_model(trained)
    inputs = made.inputs(made.look)
    rows = {name: row[None] for name, row in inputs.items()}
    ways = {
        "model.draw + PNG": lambda: video.png(trained.draw(rows)[0]),
        "panel's picture": lambda: video.png(made.quick.draw(inputs)),
    }
    times = {name: [] for name in ways}
    for _ in range(clicks + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(1000 * (time.perf_counter() - start))
    for name, found in times.items():
        print(f"{name:24} {summary(found[1:])}")


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
        times = []
        for _ in range(clicks + 1):
            times.append(page.evaluate(CLICK))
            page.wait_for_timeout(200)  # as long as a quick hand needs
        print(f"{'click to picture':24} {summary(times[1:])}")
        browser.close()


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else "clay-gan"
    clicks = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    print(f"{model}, {clicks} times, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    in_python(model, clicks)
    in_browser(model, clicks)


if __name__ == "__main__":
    main()
