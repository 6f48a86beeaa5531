"""How much memory a whole training holds, from the folder of pictures to trained batches."""

from benchmarks import pictures
from benchmarks.timing import alone
from benchmarks.training import ORIGINAL_B, OURS, fitted


def memory(small: bool = False) -> dict:
    """From 2,280 pictures of RaFD, 681x1024, to three trained batches of 16 at 320x256."""
    settings = {"people": 1, "width": 68, "depth": 1} if small else {"people": 57, "width": 681, "depth": 5}
    folder = str(pictures.people(settings["people"], settings["width"]))
    rows = []
    for name, run in ((ORIGINAL_B, remember_original), (OURS, remember_ours)):
        done = alone(run, folder=folder, depth=settings["depth"])
        rows.append({"variant": name, "peak GB": done["peak"] / 1e9, "data GB": done["data"] / 1e9})
    share = rows[1]["peak GB"] / rows[0]["peak GB"]
    ratio = {"median": share, "least": share, "most": share}
    return {"rows": rows, "ratios": {f"peak memory, {OURS} / {ORIGINAL_B}": ratio}, "settings": settings}


def remember_ours(folder: str, depth: int) -> dict:
    """Read, cache, and train three batches."""
    import tempfile

    import keras

    import facegen
    from facegen.data.loader import Batches
    from facegen.data.pixels import load_pixels
    from facegen.models.deconv import Deconv

    faces = facegen.read(folder)
    model = Deconv(faces.names, depth=depth)
    model.compile(keras.optimizers.Adam(), loss="mean_squared_logarithmic_error")
    with tempfile.TemporaryDirectory(dir=pictures.folder()) as cache:
        images = load_pixels(faces, model.image_shape[:2], cache, progress=False)
        fitted(model, Batches(images, faces.conditions, min(16, len(faces))), 3).call()
        return {"data": images.nbytes}


def remember_original(folder: str, depth: int) -> dict:
    """Load everything as float64, and train three batches."""
    import facegen
    from benchmarks.ports import original_b

    faces = facegen.read(folder)
    widths = {name: len(columns) for name, columns in faces.names.items()}
    model = original_b.network(widths, (5, 4), depth)
    images = original_b.load([faces.root / name for name in faces.paths], model.output_shape[1:3])
    model.fit(dict(faces.conditions), images, batch_size=16, steps_per_epoch=3, verbose=0)
    return {"data": images.nbytes}
