"""One picture at a time: from a wish to the bytes of a JPEG, and the renderer of clay."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from benchmarks.timing import CORES, Variant, compare, times_as_fast

WIDTHS = {
    "as shipped, width 16": {"width": 16, "noise": 64, "centred": True},
    "full, width 64": {"width": 64},
}
SMALL = {"small": {"width": 2, "size": 16}}


def jpeg(image: np.ndarray) -> bytes:
    """A picture as the bytes of a JPEG of quality 92."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def latency(small: bool = False) -> dict:
    """One face of 64x64, from attributes to JPEG bytes, as a live panel asks for it."""
    result = {"rows": [], "ratios": {}}
    for what, settings in (SMALL if small else WIDTHS).items():
        found = compare(_ways(what, settings), 3 if small else 30)
        result["rows"] += found["rows"]
        ms = [1000 * seconds for seconds in found["seconds"][f"panel, {what}"]]
        result["ratios"][f"ms, {what}"] = dict(
            zip(("median", "least", "most"), (np.median(ms), min(ms), max(ms)), strict=True)
        )
        result["ratios"][f"images/s, panel / predict, {what}"] = times_as_fast(
            found["seconds"], f"panel, {what}", f"keras predict, {what}"
        )
    return result


def _ways(what: str, settings: dict) -> dict[str, Variant]:
    from facegen import conditions
    from facegen.conditions.attributes import NAMES
    from facegen.models.gan import GAN
    from facegen.panel.fast import FastGenerator

    model = GAN({"attributes": list(NAMES)}, **settings)
    quick, noise = FastGenerator(model), model.sample_noise(1, 0)

    def wish() -> dict[str, np.ndarray]:
        return {**conditions.encode(model.names, {"attributes": "Male+Smiling"}), "noise": noise}

    def panel() -> bytes:
        return jpeg(quick.draw({name: rows[0] for name, rows in wish().items()}))

    def draw() -> bytes:
        return jpeg(model.draw(wish())[0])

    def predict() -> bytes:
        image = model.generator.predict(wish(), verbose=0)[0]
        return jpeg(np.round((image + 1) * 127.5).astype("uint8"))

    ways: dict[str, Callable[[], bytes]] = {"keras predict": predict, "model.draw": draw, "panel": panel}
    return {f"{name}, {what}": Variant(call, 1) for name, call in ways.items()}


def renderer(small: bool = False) -> dict:
    """Clay, drawn at half the size of its picture as the data sets are, and all of it."""
    from facegen.clay import draw
    from facegen.clay.population import Population

    crowd, count = Population(100), 2 if small else 16
    faces = [crowd.face(i) for i in range(count)]
    sizes = {"32x32": (32, 32, 1.0)} if small else {"178x218": (178, 218, 0.5), "64x64": (64, 64, 1.0)}
    variants = {}
    for what, (width, height, detail) in sizes.items():

        def one(face, size=(width, height), detail=detail):
            return draw(face, *size, detail=detail)

        def threads(one=one):
            with ThreadPoolExecutor(CORES) as pool:
                list(pool.map(one, faces))

        variants[f"{what}, one thread"] = Variant(lambda one=one: [one(face) for face in faces], count)
        variants[f"{what}, a thread per core"] = Variant(threads, count)
    result = compare(variants, 1 if small else 5)
    names = list(variants)
    pairs = zip(names[1::2], names[::2], strict=True)
    return result | {"ratios": {a: times_as_fast(result["seconds"], a, b) for a, b in pairs}}
