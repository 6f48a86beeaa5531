"""The panel in a browser without Python: scripts that hold a network, what computes it, and its controls.

python tools/toggles.py build/toggles        # also a bare page of each, to try them

Everything is in scripts of a page's own folder, packed: a page that is opened by double click may load
scripts, and nothing else. ONNX Runtime comes from npm, in the version of site/toggles/package-lock.json.
"""

import argparse
import base64
import gzip
import json
import shutil
import subprocess
from pathlib import Path

import export_onnx

import facegen
from facegen.conditions.attributes import EXCLUSIVE, RELIABLE
from facegen.conditions.kinds import Angle, Binary, Mixture
from facegen.models import FaceModel
from facegen.panel.attributes import START, grouped, spoken
from facegen.utils import mark
from facegen.utils.errors import FacegenError
from facegen.utils.files import write_text

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "site" / "toggles"
SCRIPTS = ("random.js", "looks.js", "draw.js", "png.js", "page.js")  # in the order of use
MODELS = ("clay-gan", "clay-deconv")
FILES = ("runtime.js", "panel.js", "toggles.css")  # and a script for each model
KINDS = {Mixture: "mixture", Angle: "angle", Binary: "binary"}
BARE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name}</title><link rel="icon" href="data:,">
{page}
"""
PAGE = """<link rel="stylesheet" href="{folder}toggles.css">
<div class="fg-root" data-model="{name}" aria-busy="true"></div>
<script src="{folder}runtime.js"></script>
<script src="{folder}panel.js"></script>
<script src="{folder}{name}.js"></script>
"""


def page(name: str, folder: str = "") -> str:
    """The HTML of a panel; `folder` is where its files lie, with a slash at the end."""
    return PAGE.format(name=name, folder=folder)


def description(model: FaceModel) -> dict:
    """What the panel of a model has to know, as JSON."""
    noise = model.generator.input.get("noise")
    return {
        "name": model.title,
        "says": mark.text(model.title),
        "software": mark.text().rpartition(" by ")[2].rstrip("."),
        "shape": model.image_shape,
        "noise": 0 if noise is None else noise.shape[1],
        "gaussian": noise is not None and model.centred,
        "conditions": [_condition(model, name) for name in model.names],
    }


def _condition(model: FaceModel, name: str) -> dict:
    kind, columns = model.kinds()[name], model.names[name]
    if type(kind) not in KINDS:
        raise FacegenError(f"{name}: the page has no control for {type(kind).__name__.lower()}s yet.")
    about = {"name": name, "kind": KINDS[type(kind)], "columns": columns, "start": kind.default().tolist()}
    if isinstance(kind, Angle):
        return about | {"start": kind.row(kind.default()).tolist()}
    if isinstance(kind, Mixture):
        return about
    examples = model.examples.get(name, [])
    return about | {
        "start": [int(column in START) for column in columns],
        "groups": grouped(columns),
        "exclusive": EXCLUSIVE,
        "sure": RELIABLE,
        "spoken": [spoken(column) for column in columns],
        "examples": ["".join(str(int(value)) for value in row) for row in examples],
    }


def packed(name: str, content: bytes) -> str:
    """A script that hands over a file, unpacked by `facegen.unpack`."""
    text = base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
    return f"facegen.give({json.dumps(name)}, '{text}');\n"


def model_script(model: FaceModel) -> str:
    """A script with a model's network and all that its panel has to know."""
    network = export_onnx.to_onnx(model).SerializeToString()
    about = json.dumps(description(model), separators=(",", ":"))
    return f"facegen.models[{json.dumps(model.title)}] = {about};\n" + packed(model.title, network)


def runtime_script(modules: Path) -> str:
    """ONNX Runtime as one script; the bytes of its WebAssembly wait until there is a panel to unpack them."""
    dist = modules / "onnxruntime-web" / "dist"
    loader = (dist / "ort.wasm.min.js").read_text(encoding="utf-8")
    loader = "\n".join(line for line in loader.splitlines() if not line.startswith("//# sourceMappingURL"))
    names = {"runtime.mjs": "ort-wasm-simd-threaded.mjs", "runtime.wasm": "ort-wasm-simd-threaded.wasm"}
    parts = (packed(name, (dist / file).read_bytes()) for name, file in names.items())
    give = "var facegen = window.facegen || {}; window.facegen = facegen; facegen.parts = {};\n"
    return (
        loader
        + "\n"
        + give
        + "facegen.give = (name, text) => { facegen.parts[name] = text; };\n"
        + "".join(parts)
    )


def install(folder: Path) -> Path:
    """Have npm fetch ONNX Runtime; return the folder of modules.

    Raises:
        FacegenError: there is no npm, or it could not.
    """
    npm = shutil.which("npm")
    if not npm:
        raise FacegenError(
            "The toggles in the browser need npm (of Node.js) when the site is made: install it."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(SOURCES / name, folder / name)
    done = subprocess.run(
        [npm, "ci", "--prefer-offline"], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise FacegenError(f"npm could not fetch ONNX Runtime:\n{done.stderr.strip()[-2000:]}")
    return folder / "node_modules"


def build(folder: Path, cache: Path) -> None:
    """Write all scripts and the style sheet into a folder; npm's files go to `cache`."""
    modules = install(cache)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "runtime.js", runtime_script(modules))
    write_text(
        folder / "panel.js", "\n".join((SOURCES / name).read_text(encoding="utf-8") for name in SCRIPTS)
    )
    shutil.copyfile(SOURCES / "toggles.css", folder / "toggles.css")
    for name in MODELS:
        write_text(folder / f"{name}.js", model_script(facegen.load(name)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    build(folder, ROOT / "build" / "npm")
    for name in MODELS:
        write_text(folder / f"{name}.html", BARE.format(name=name, page=page(name)))
        print(folder / f"{name}.html")


if __name__ == "__main__":
    main()
