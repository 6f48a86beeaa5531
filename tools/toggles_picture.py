"""Record the toggles at work, in the site's own page, as the moving picture that README begins with.

python tools/toggles_picture.py docs/toggles.webp       of build/site, which `make site` makes
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))

from served import chromium  # noqa: E402

SEED = "2026"
PRESSED = ("Smiling", "Eyeglasses", "Blond Hair", "Heavy Makeup", "Wearing Hat", "Male", "Mustache")
PRESSED += ("Wearing Hat", "Young", "Gray Hair")
WIDTH, SECOND = 860, 1000  # pixels; milliseconds that each face is shown


def frames(page) -> list[Image.Image]:
    """The panel after each press."""
    root, made = page.locator(".fg-root"), []

    def keep():
        page.wait_for_function("!document.querySelector('.fg-root').panel.busy")
        page.wait_for_timeout(100)
        made.append(Image.open(io.BytesIO(root.screenshot())).convert("RGB"))

    page.get_by_label("Seed").fill(SEED)
    page.get_by_label("Seed").press("Enter")
    keep()
    for name in PRESSED:
        page.get_by_role("checkbox", name=name, exact=True).click()
        keep()
    return made


def main() -> None:
    target = Path(sys.argv[1])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH + 340, "height": 1000})
        page.goto((ROOT / "build" / "site" / "toggles.html").as_uri())
        page.wait_for_function("document.querySelector('.fg-root').panel", timeout=120_000)
        first, *rest = frames(page)
        browser.close()
    height = round(WIDTH * first.height / first.width)
    first, *rest = (frame.resize((WIDTH, height), Image.LANCZOS) for frame in (first, *rest))
    options = {"save_all": True, "append_images": rest, "duration": SECOND, "loop": 0}
    first.save(target, "WEBP", quality=70, method=6, minimize_size=True, **options)
    print(f"{target}: {target.stat().st_size / 1e3:.0f} kB, {1 + len(rest)} faces")


if __name__ == "__main__":
    main()
