"""What `facegen generate` and `facegen train` do. Nothing heavy is imported before one of them runs."""

import argparse
import math
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from facegen.errors import FacegenError

EXTENSIONS = ("jpg", "png", "gif", "mp4", "sheet")
MADE = re.compile(r"\d{5,}\.(?:jpg|png)|film\.(?:gif|mp4)|sheet\.png")
BYTES = {"jpg": 0.6, "png": 3.0, "gif": 0.8, "mp4": 0.2, "sheet": 3.0}  # of a pixel on disk, generously
BLOCK = 4096  # bytes: no file takes less
SHEET = 400  # pictures: more are no sheet, and would have to be in memory together
SIDE = 256  # pixels of a film's longer side, where the network draws smaller pictures

START = {"rafd": (5, 4), "yaleb": (6, 8), "jaffe": (4, 4)}  # grids of the original, rows and columns
DEEP = 6  # layers; beyond, the original warned
CONDITIONINGS = ("none", "planes", "projection", "classifier", "both")
REMEDIES = {"centred": True, "dropout": 0.0, "spectral": True, "loss": "hinge", "requests": "rows"}


def generate_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "-m",
        "--model",
        required=True,
        metavar="MODEL",
        help="a trained model's folder or name, such as clay-deconv",
    )
    add("-o", "--output", required=True, metavar="DIR", help="new folder for the pictures")
    add("-f", "--file", required=True, metavar="YAML", help="parameter file; see params/ for examples")
    add("-b", "--batch", type=positive, default=64, help="pictures drawn at a time (default: 64)")
    add(
        "-ext",
        "--extension",
        choices=EXTENSIONS,
        default="jpg",
        help="numbered jpg or png files, film.gif, film.mp4, or all in one sheet.png (default: jpg)",
    )
    add("--force", action="store_true", help="write into a folder that is there; earlier pictures go")
    add("--quiet", action="store_true", help="no progress bar")


def generate(options: argparse.Namespace) -> None:
    """Draw what a parameter file says, each picture written before the next batch is drawn."""
    folder, kind = Path(options.output), options.extension
    _check_new(folder, options.force)
    _quieten()
    from facegen import course, script

    model = course.load(options.model)
    told = script.read(options.file, model.names, getattr(model, "sample_noise", None))
    if kind == "sheet" and told.count > SHEET:
        raise FacegenError(
            f"{options.file} asks for {told.count:,} pictures, a sheet has room for {SHEET}: "
            "choose another -ext, or fewer pictures."
        )
    check_space(folder, _size(kind, told.count, model.image_shape), f"{told.count:,} pictures as {kind}")
    try:
        for earlier in folder.glob("*") if options.force else ():
            if MADE.fullmatch(earlier.name):
                earlier.unlink()
        _write(_drawn(model, told, options.batch, not options.quiet), folder, kind, told.fps)
    except OSError as error:
        raise FacegenError(f"{folder}: cannot be written ({error}).") from error
    if not options.quiet:
        by_chance = f" The same again: seed: {told.seed}" if told.mode in ("random", "drunk") else ""
        print(f"{told.count:,} pictures in {folder}.{by_chance}")


def _drawn(model, told, batch: int, progress: bool) -> Iterator:
    from facegen.progress import bar

    with bar(told.count, "drawing", "", show=progress) as drawn:
        for rows in told.frames(batch):
            for image in model.draw(rows, batch):
                yield image
                drawn.update()


def _write(frames: Iterator, folder: Path, kind: str, fps: float) -> None:
    import numpy as np

    from facegen import files, show

    if kind in ("jpg", "png"):
        show.numbered(frames, folder, kind)
    elif kind == "sheet":
        folder.mkdir(parents=True, exist_ok=True)
        sheet = show.sheet(np.stack([*frames]))
        files.write(folder / "sheet.png", lambda file: sheet.save(file, "PNG"))
    else:
        write = show.gif if kind == "gif" else show.film
        write(frames, folder / f"film.{kind}", fps, SIDE)


def _check_new(folder: Path, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise FacegenError(f"{folder} is a file: expected the name of a new folder.")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise FacegenError(f"{folder} is there already: name another folder, or add --force to overwrite.")


def _size(kind: str, count: int, shape: tuple[int, int, int]) -> int:
    """About how many bytes the pictures will take."""
    height, width, _ = shape
    enlarged = max(1, round(SIDE / max(height, width))) if kind in ("gif", "mp4") else 1
    return count * max(
        BLOCK if kind in ("jpg", "png") else 0, int(BYTES[kind] * height * width * enlarged**2)
    )


def train_options(parser: argparse.ArgumentParser, batch: int) -> None:
    add = parser.add_argument
    add("data", metavar="DATA", help="a face set: its folder or .zip")
    add(
        "-o",
        "--output",
        required=True,
        metavar="DIR",
        help="folder to train in; one begun is gone on with",
    )
    add("-m", "--model", metavar="MODEL", help="trained model to go on from, instead of a new one")
    add("-b", "--batch", type=positive, default=batch, help=f"pictures in a step (default: {batch})")
    add("-e", "--epochs", type=positive, default=100, help="epochs in all (default: 100)")
    add("--seed", type=int, default=0, help="of the first weights and of the order (default: 0)")
    add("--quiet", action="store_true", help="no progress bar")


def deconv_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    train_options(parser, batch=16)
    add("-d", "--layers", type=positive, help="layers; each doubles the picture's sides (default: 5)")
    add(
        "-k",
        "--kernels",
        type=positive,
        nargs="+",
        metavar="N",
        help="kernels of each layer, the last repeats (default: 128 128 96 96 32 32 16)",
    )
    add("-opt", "--optimizer", default="adam", help="any of Keras's by name (default: adam)")
    add("-v", "--visualize", action="store_true", help="a sheet of everybody after each epoch")
    add("--use-yalefaces", action="store_true", help="insist that DATA is the Extended Yale Face Database B")
    add("--use-jaffe", action="store_true", help="insist that DATA is JAFFE")


def train_deconv(options: argparse.Namespace) -> None:
    """Train the deconvolution network on a face set."""
    faces = _faces(options)
    for wanted, kind in ((options.use_yalefaces, "yaleb"), (options.use_jaffe, "jaffe")):
        if wanted and faces.kind != kind:
            raise FacegenError(f"{options.data} was recognised as {faces.kind}, not as {kind}.")
    from facegen.deconv import KERNELS, Deconv

    _settle(options, layers=5, kernels=KERNELS)
    if options.model:
        model = _resumed(options.model, Deconv, faces)
    else:
        start = START.get(faces.kind, (4, 4))
        model = Deconv(faces.names, start, options.layers, options.kernels, channels=faces.channels)
    if options.layers > DEEP:
        sides = " x ".join(map(str, model.image_shape[:2]))
        print(f"facegen: {options.layers} layers draw {sides} pixels; this takes long.", file=sys.stderr)
    model.compile(_optimizer(options.optimizer), loss="mean_squared_logarithmic_error", jit_compile="auto")
    _train(options, model, faces, _everybody(faces) if options.visualize else None)


def gan_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    train_options(parser, batch=32)
    add("--size", type=positive, help="side of the pictures in pixels (default: 64)")
    add("--width", type=positive, help="unit of both networks' channels (default: 64)")
    add("--noise", type=positive, help="numbers of noise (default: 1, with --remedied 64)")
    add(
        "--conditioning",
        choices=CONDITIONINGS,
        help="how the discriminator learns of the attributes (default: none, as in the original)",
    )
    add("--remedied", action="store_true", help="spectral norm, hinge loss, moving average, centred inputs")
    add("-v", "--visualize", action="store_true", help="a sheet of 25 faces after each epoch")


def train_gan(options: argparse.Namespace) -> None:
    """Train the attribute GAN on a face set."""
    faces = _faces(options)
    from facegen.gan import GAN, PlayersAdam

    _settle(options, size=64, width=64, noise=64 if options.remedied else 1, conditioning="none")
    if options.model:
        model = _resumed(options.model, GAN, faces)
    else:
        remedies = {**REMEDIES, "averaging": 0.99} if options.remedied else {}
        model = GAN(
            faces.names,
            size=options.size,
            channels=faces.channels,
            width=options.width,
            noise=options.noise,
            discriminator_width=options.width,
            conditioning=options.conditioning,
            seed=options.seed,
            **remedies,
        )
    model.compile(PlayersAdam(discriminator_rate=4.0 if options.remedied else 0.5), jit_compile="auto")
    some = {name: rows[:25] for name, rows in faces.conditions.items()}
    some["noise"] = model.sample_noise(min(25, len(faces)), seed=0)
    _train(options, model, faces, some if options.visualize else None)


def _faces(options: argparse.Namespace):
    """The training faces of a set; after this Keras may be imported."""
    from facegen.facesets import read

    faces = read(options.data).part("train")
    _quieten()
    import keras

    keras.utils.set_random_seed(options.seed)
    return faces


def _train(options: argparse.Namespace, model, faces, watched: dict | None) -> None:
    """Train a compiled model; `watched` are the inputs of the sample sheets."""
    from facegen import checkpoints, training
    from facegen.batches import Batches
    from facegen.pixels import pixels

    folder = Path(options.output)
    weights, state = (
        sum(4 * math.prod(v.shape) for v in variables)
        for variables in (model.variables, checkpoints.variables(model))
    )
    needed = (checkpoints.KEEP + 1) * state + 2 * weights  # the new ones are whole before the old ones go
    check_space(folder, needed, "checkpoints and the trained model")
    pictures = pixels(faces, model.image_shape[:2], progress=not options.quiet)
    batches = Batches(pictures, faces.conditions, options.batch, options.seed)
    samples = (lambda: model.draw(watched)) if watched else None
    training.train(model, batches, options.epochs, folder, samples, progress=not options.quiet)
    if not options.quiet:
        print(f"The trained model is in {folder / 'model'}.")


def _settle(options: argparse.Namespace, **defaults) -> None:
    """Fill in the settings of a new network; beside -m, which brings its own, none may be given."""
    for name, value in defaults.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
        elif options.model:
            raise FacegenError(f"--{name} belongs to a new network, and -m brings its own: keep one of them.")


def _resumed(folder: str, wanted: type, faces):
    from facegen import course

    model = course.load(folder)
    if not isinstance(model, wanted):
        raise FacegenError(f"{folder} is a {type(model).__name__}: expected a {wanted.__name__}.")
    if model.names != {name: list(columns) for name, columns in faces.names.items()}:
        raise FacegenError(
            f"{folder} reads other conditions than {faces.root} has: it was trained on another set. "
            f"Expected {_widths(model.names)}; found {_widths(faces.names)}."
        )
    return model


def _widths(names) -> str:
    return ", ".join(f"{name} ({len(columns)})" for name, columns in names.items())


def _everybody(faces) -> dict:
    """Inputs that draw each person, neutral and frontal; the first faces of a set that names no persons."""
    import numpy as np

    from facegen import script

    if "identity" not in faces.names:
        return {name: rows[:16] for name, rows in faces.conditions.items()}
    people = len(faces.names["identity"])
    plain = next(script.parse({"mode": "single"}, faces.names).frames())
    rows = {name: np.repeat(row, people, axis=0) for name, row in plain.items()}
    return {**rows, "identity": np.eye(people, dtype="float32")}


def _optimizer(name: str):
    import keras

    known = {
        key.lower(): value
        for key, value in vars(keras.optimizers).items()
        if isinstance(value, type) and key not in ("Optimizer", "LossScaleOptimizer")
    }
    if name.lower() not in known:
        raise FacegenError(f"--optimizer {name!r}: expected one of {', '.join(sorted(known))}.")
    return known[name.lower()]()


def _quieten() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow: errors only


def check_space(folder: Path, needed: int, what: str) -> None:
    """Refuse to begin what would not fit on the disk of a folder, which need not exist yet."""
    there = next(path for path in [folder.absolute(), *folder.absolute().parents] if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise FacegenError(
            f"{folder}: {what} need about {needed / 1e9:.2f} GB, {free / 1e9:.2f} GB are free. "
            "Make room, or name a folder on another disk."
        )


def positive(text: str) -> int:
    """A whole number above zero, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {text}")
    return number
