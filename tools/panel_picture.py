#!/usr/bin/env python3
"""Take the picture of a live panel that README and notebook 8 show.

    python tools/panel_picture.py [MODEL]      clay-gan by default

The panel is served, clicked a few times in a Chromium without a window, and photographed. The picture goes to
docs/panel.png and, as an attachment, into the notebook, which is often read alone.
"""

import base64
import io
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from PIL import Image  # noqa: E402
from served import chromium, served  # noqa: E402

from facegen.models import zoo  # noqa: E402
from facegen.utils import files  # noqa: E402

PICTURE, NOTEBOOK = ROOT / "docs" / "panel.png", ROOT / "notebooks" / "08_live.ipynb"
SEED = "2026"
TOGGLES = ("Smiling", "Eyeglasses", "Goatee", "Male", "Bald", "Wearing Hat")
SETTLED = 1500  # milliseconds, generously


def click(page) -> None:
    """A few faces, the ends of a morph, and a last face that smiles."""
    page.get_by_label("Seed").fill(SEED)
    page.get_by_label("Seed").press("Enter")
    page.wait_for_timeout(SETTLED)
    for name in TOGGLES:
        page.get_by_role("checkbox", name=name, exact=True).click()
        page.wait_for_timeout(SETTLED)
    for name in ("A", "Reset", "New face", "B", "7"):  # 7: bald, and without a hat
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_timeout(SETTLED)


def photograph(model: str) -> Image.Image:
    """The panel of a model, after `click`."""
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
        page.wait_for_timeout(SETTLED)
        click(page)
        picture = Image.open(io.BytesIO(page.locator(".facegen").screenshot()))
        browser.close()
    return picture


def attach(notebook: Path, picture: Path) -> None:
    """Put a picture into the cell of a notebook that shows it."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    (cell,) = (c for c in content["cells"] if f"(attachment:{picture.name})" in "".join(c["source"]))
    data = base64.b64encode(picture.read_bytes()).decode()
    cell["attachments"] = {picture.name: {"image/png": data}}
    files.write_text(notebook, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else "clay-gan"
    small = photograph(model).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    files.write(PICTURE, lambda file: small.save(file, "PNG", optimize=True))
    attach(NOTEBOOK, PICTURE)
    print(f"{PICTURE.name}: {PICTURE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
