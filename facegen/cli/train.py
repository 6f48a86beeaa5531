"""`facegen train`: any of the networks on any face set, from the command line."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

from facegen.cli.options import Command, add_quiet, load_keras, positive
from facegen.models import zoo
from facegen.training.recipes import RECIPES
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger

PRECISIONS = ("float32", "bfloat16", "auto")
GAZES = ("left", "frontal", "right")
START = {"rafd": (5, 4), "yaleb": (6, 8), "jaffe": (4, 4)}  # grids of the original, rows and columns
DEEP = 6  # layers; beyond, the original warned
KINDS = {"deconv": "Deconv", "gan": "GAN", "flow": "Flow"}  # of facegen.models: what -m may bring
CONDITIONINGS = ("none", "projection", "classifier", "both")


def train_options(parser: argparse.ArgumentParser, batch: int) -> None:
    add = parser.add_argument
    add("data", metavar="DATA", help="a face set: its folder or .zip")
    add("-o", "--output", required=True, metavar="DIR", help="folder to train in; one begun is gone on with")
    add("-m", "--model", metavar="MODEL", help="trained model to go on from, instead of a new one")
    add("-b", "--batch", type=positive, default=batch, help=f"pictures in a step (default: {batch})")
    add("-e", "--epochs", type=positive, default=100, help="epochs in all (default: 100)")
    add("--people", choices=("adults", "all"), help="of RaFD: with the ten children (default: adults)")
    add("--gazes", choices=GAZES, nargs="+", help="of RaFD: which gazes (default: frontal)")
    add(
        "--precision",
        choices=PRECISIONS,
        default="float32",
        help="compute with fewer digits; auto: where that is clearly faster (default: float32)",
    )
    add(
        "--devices",
        type=positive,
        metavar="N",
        help="GPUs that share each batch (docs/scaling.md; default: 1)",
    )
    add("--seed", type=int, default=0, help="of the first weights and of the order (default: 0)")
    begun = parser.add_mutually_exclusive_group()
    begun.add_argument(
        "--resume", action="store_true", help="insist on going on with a training that is in DIR"
    )
    begun.add_argument(
        "--force", action="store_true", help="begin anew in a folder that is there; the training in it goes"
    )
    add_quiet(parser)


def recipe_option(parser: argparse.ArgumentParser, network: str, default: str) -> None:
    """`--recipe` of a network, with those that it has."""
    recipes = RECIPES[network]
    listed = "; ".join(f"{name}: {recipe.help}" for name, recipe in recipes.items())
    parser.add_argument(
        "--recipe",
        choices=[*recipes],
        default=default,
        help=f"how it is built and trained. {listed} (default: {default})",
    )


def deconv_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    train_options(parser, batch=16)
    recipe_option(parser, "deconv", "today")
    add("-d", "--layers", type=positive, help="layers; each doubles the picture's sides (default: 5)")
    add(
        "-k",
        "--kernels",
        type=positive,
        nargs="+",
        metavar="N",
        help="kernels of each layer, the last repeats (default: 128 128 96 96 32 32 16)",
    )
    add("-opt", "--optimizer", help="any of Keras's by name (default: the recipe's, an Adam)")
    add(
        "--patience",
        type=positive,
        metavar="N",
        help="stop when the loss has not fallen for N epochs (the original: 8)",
    )
    add("--best", action="store_true", help="also keep the network of the lowest loss, in DIR/best")
    add("-v", "--visualize", action="store_true", help="a sheet of everybody after each epoch")
    add("--use-yalefaces", action="store_true", help="insist that DATA is the Extended Yale Face Database B")
    add("--use-jaffe", action="store_true", help="insist that DATA is JAFFE")


def train_deconv(options: argparse.Namespace) -> None:
    """Train the deconvolution network on a face set."""
    _on_devices(options, _train_deconv)


def _train_deconv(options: argparse.Namespace, faces) -> None:
    for wanted, kind in ((options.use_yalefaces, "yaleb"), (options.use_jaffe, "jaffe")):
        if wanted and faces.kind != kind:
            raise FacegenError(f"{options.data} was recognised as {faces.kind}, not as {kind}.")
    start = START.get(faces.kind, (4, 4))
    model = _built(options, faces, "deconv", {"layers": "depth", "kernels": "kernels"}, start=start)
    if (depth := model.settings["depth"]) > DEEP:
        sides = " x ".join(map(str, model.image_shape[:2]))
        logger.warning(f"{depth} layers draw {sides} pixels; this takes long.")
    watched = _everybody(faces) if options.visualize else None
    _train(options, model, faces, watched, patience=options.patience, best=options.best)


def gan_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    train_options(parser, batch=32)
    recipe_option(parser, "gan", "today")
    add("--size", type=positive, help="side of the pictures in pixels (default: 64)")
    add("--width", type=positive, help="unit of both networks' channels (default: 64)")
    add("--noise", type=positive, help="numbers of noise (default: 64, original 1)")
    add(
        "--conditioning",
        choices=CONDITIONINGS,
        help="how the discriminator learns of the attributes (default: both, original none)",
    )
    add("-v", "--visualize", action="store_true", help="a sheet of 25 faces after each epoch")


def train_gan(options: argparse.Namespace) -> None:
    """Train the attribute GAN on a face set."""
    _on_devices(options, _train_gan)


def _train_gan(options: argparse.Namespace, faces) -> None:
    settings = {"size": "size", "width": "width", "noise": "latent_dim", "conditioning": "conditioning"}
    more = {"discriminator_width": options.width} if options.width else {}
    model = _built(options, faces, "gan", settings, seed=options.seed, **more)
    _train(options, model, faces, _some(model, faces) if options.visualize else None)


def flow_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    train_options(parser, batch=32)
    recipe_option(parser, "flow", "straight")
    add("--size", type=positive, help="side of the pictures in pixels (default: 64)")
    add(
        "--widths",
        type=positive,
        nargs="+",
        metavar="N",
        help="channels of each level, the next of half the side (default: 96 160)",
    )
    add("--patch", type=positive, help="side of the squares of pixels that are read as one (default: 4)")
    add("-opt", "--optimizer", help="any of Keras's by name (default: the recipe's, an Adam)")
    add("-v", "--visualize", action="store_true", help="a sheet of 25 faces after each epoch")


def train_flow(options: argparse.Namespace) -> None:
    """Train the flow on a face set."""
    _on_devices(options, _train_flow)


def _train_flow(options: argparse.Namespace, faces) -> None:
    settings = {"size": "size", "widths": "widths", "patch": "patch"}
    model = _built(options, faces, "flow", settings, seed=options.seed)
    _train(options, model, faces, _some(model, faces) if options.visualize else None)


def _some(model, faces, most: int = 25) -> dict:
    """Inputs that draw some of a set's faces, each with noise of its own."""
    some = {name: rows[:most] for name, rows in faces.conditions.items()}
    return {**some, "noise": model.sample_noise(min(most, len(faces)), seed=0)}


def _built(options: argparse.Namespace, faces, network: str, settings: dict[str, str], **more):
    """A compiled network: a new one, or one to go on from.

    settings: of a new one, option -> what the network calls it; more: others, which have no option.
    """
    from facegen import models

    if options.batch > len(faces):  # before all the pictures are read
        raise FacegenError(
            f"--batch {options.batch} does not fit a set of {len(faces)} pictures: "
            f"expected a number from 1 to {len(faces)}."
        )
    recipe, chosen = RECIPES[network][options.recipe], _chosen(options, settings)
    with _precision(options):
        if options.model:
            model = _resumed(options.model, getattr(models, KINDS[network]), faces)
        else:
            more |= {"channels": faces.channels, "ranges": faces.ranges}
            model = _new(lambda: recipe.build(faces.names, **chosen, **more), settings)
    recipe.compile(model, options.epochs * (len(faces) // options.batch), getattr(options, "optimizer", None))
    return model


def _new(build: Callable, settings: dict[str, str]):
    """What `build` returns, if its weights fit into memory."""
    from facegen.training import diagnosis

    try:
        return build()
    except Exception as error:  # each backend has a class of its own for this one
        if not diagnosis.is_out_of_memory(error):
            raise
        *others, last = (f"--{name}" for name in settings)
        raise FacegenError(
            "The weights alone of such a network do not fit into memory: expected a smaller one "
            f"({', '.join(others)} or {last})."
        ) from error


def _precision(options: argparse.Namespace):
    """The context in which to build what is to be trained."""
    from facegen.training import precision

    folder = None if options.force else Path(options.output)
    return precision.using(precision.of_training(options.precision, folder))


def _on_devices(options: argparse.Namespace, train: Callable) -> None:
    """Train on as many devices as were asked for, and in as many processes as the environment says."""
    faces = _faces(options)
    load_keras()
    import keras

    from facegen.training import devices

    keras.utils.set_random_seed(options.seed)
    with devices.use(options.devices):
        train(options, faces)


def _faces(options: argparse.Namespace):
    """The training faces of a set; after this Keras may be imported."""
    from facegen.data.reader import read

    chosen = {"people": options.people, "gazes": options.gazes, "missing": "skip"}
    return read(options.data, **{name: value for name, value in chosen.items() if value}).part("train")


def _train(options: argparse.Namespace, model, faces, watched: dict | None, **more) -> None:
    """Train a compiled model, with sample sheets of the inputs `watched`; `more` is for `training.train`."""
    from facegen.data.loader import Batches
    from facegen.data.pixels import readable
    from facegen.training import checkpoints, devices, trainer

    folder, progress = Path(options.output), not options.quiet and devices.is_main_process()
    if model.precision != "float32":
        logger.info(f"computing in {model.precision}.")
    if devices.is_main_process():
        _check_folder(folder, options.force)
    if devices.is_main_process() and options.resume and not checkpoints.found(folder / "checkpoints"):
        raise FacegenError(f"{folder}: no training has begun there; leave out --resume, or name another.")
    _check_room(model, options)
    faces, pictures = readable(faces, model.image_shape[:2], progress=progress)
    _check_room(model, options)  # beside the pixels
    model.adapt(pictures, faces.conditions)
    samples = (lambda: model.draw(watched, options.batch)) if watched else None
    batches = Batches(pictures, faces.conditions, options.batch, options.seed)
    more |= {"resume": not options.force, "progress": progress}
    trainer.train(model, batches, options.epochs, folder, samples, **more)
    if progress:
        print(f"The trained model is in {folder / 'model'}.")


def _check_room(model, options: argparse.Namespace) -> None:
    """Refuse to begin what would not fit in memory or on the disk."""
    from facegen.training import checkpoints, resources
    from facegen.utils import files

    resources.check_memory(model, options.batch)
    weights, state = (
        sum(4 * math.prod(v.shape) for v in variables)
        for variables in (model.variables, checkpoints.variables(model))
    )
    # the new ones are whole before the old ones go; in model/ and best/, too
    needed = (checkpoints.KEEP + 1) * state + 4 * weights
    what, smaller = "checkpoints and the trained model", "or use fewer kernels or layers"
    files.check_space(Path(options.output), needed, what, smaller)


def _check_folder(folder: Path, force: bool) -> None:
    """A training's own folder is gone on with; what else is there stays alone."""
    if folder.exists() and not folder.is_dir():
        raise FacegenError(f"{folder} is a file: expected the name of a folder.")
    own = any((folder / name).exists() for name in ("checkpoints", "lock", "log.csv"))
    if not force and not own and folder.is_dir() and any(folder.iterdir()):
        raise FacegenError(
            f"{folder} is there already, and no training is in it: name another folder, or add --force."
        )


def _chosen(options: argparse.Namespace, settings: dict[str, str]) -> dict:
    """What the given options, each named with its setting, say of a new network; beside -m none may be."""
    given = [name for name in settings if getattr(options, name) is not None]
    if given and options.model:
        raise FacegenError(f"--{given[0]} belongs to a new network, and -m brings its own: keep one of them.")
    return {settings[name]: getattr(options, name) for name in given}


def _resumed(folder: str, wanted: type, faces):
    """A trained network to go on from, if it is of the kind and of the conditions that are wanted."""
    model = zoo.load(folder)
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

    from facegen.conditions import script

    if "identity" not in faces.names:
        return {name: rows[:16] for name, rows in faces.conditions.items()}
    people = len(faces.names["identity"])
    plain = next(script.parse({"mode": "single"}, faces.names, ranges=faces.ranges).frames())
    rows = {name: np.repeat(row, people, axis=0) for name, row in plain.items()}
    return {**rows, "identity": np.eye(people, dtype="float32")}


COMMANDS = (
    Command(
        "train deconv",
        "train the deconvolution network: identity, emotion, orientation in, a face out",
        deconv_options,
        train_deconv,
        "facegen train deconv data/clay-rafd -o build/runs/heads -d 3 -e 60 -v\n"
        "facegen train deconv data/rafd -o build/runs/rafd -d 5 -b 16 -e 100 -k 128 128 96 -opt adam -v\n"
        "facegen train deconv data/rafd -o build/runs/abstract -m build/runs/rafd --optimizer adagrad",
    ),
    Command(
        "train gan",
        "train the attribute GAN: 40 attributes and noise in, a face out",
        gan_options,
        train_gan,
        "facegen train gan data/clay-celeba -o build/runs/faces --size 32 --width 16 -e 20 -v\n"
        "facegen train gan data/celeba -o build/runs/as-in-2020 --recipe original",
    ),
    Command(
        "train flow",
        "train the flow: any conditions and a picture of noise in, a face out",
        flow_options,
        train_flow,
        "facegen train flow data/clay-celeba -o build/runs/flow --size 32 --patch 2 --widths 64 128 -e 20\n"
        "facegen train flow data/rafd -o build/runs/moods --precision bfloat16 -e 200",
    ),
)
