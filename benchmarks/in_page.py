"""The panels that work without Python: from a click to the picture, and how large a page is.

python benchmarks/in_page.py [SITE] [CLICKS]      build/site, which `make site` makes, and 100 by default
"""

import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "tests"), str(ROOT / "tools")]

import toggles  # noqa: E402
from pages import PANELS  # noqa: E402
from served import chromium  # noqa: E402

# Clicks toggles, or directions of the wheel, one after the other, each once its predecessor is drawn.
CLICKS = """async count => {
  const root = document.querySelector('.fg-root'), times = []
  const all = [...root.querySelectorAll('.fg-toggle input, .fg-step')]
  for (let i = 0; i <= count; i++) {
    const start = performance.now()
    all[i % all.length].click()
    await root.panel.busy
    times.push(performance.now() - start)
  }
  return times.slice(1).sort((a, b) => a - b)
}"""


def main() -> None:
    site = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "site").resolve()
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for page_name, model in PANELS.items():
            page = browser.new_page()
            page.goto((site / f"{page_name}.html").as_uri())
            page.wait_for_function("document.querySelector('.fg-root').panel", timeout=120_000)
            times = page.evaluate(CLICKS, count)
            files = [site / f"{page_name}.html"]
            files += [site / "_static" / "panels" / name for name in (*toggles.FILES, f"{model}.js")]
            size = sum(file.stat().st_size for file in files) / 1e6
            nine_of_ten = times[int(0.9 * (count - 1))]
            print(
                f"{page_name:8} {size:.1f} MB; click to picture: median {statistics.median(times):.0f} ms, "
                f"nine of ten within {nine_of_ten:.0f} ms, all within {times[-1]:.0f} ms"
            )
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
