"""What `facegen measure` does."""

import argparse
from pathlib import Path

from facegen.cli.options import Command, add_quiet, load_keras, positive
from facegen.models import zoo
from facegen.utils.errors import FacegenError

HELD_OUT = 0.1  # of a set without test faces, as notebook 4 holds out


def measure_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", metavar="MODEL", help="a trained model's folder or name, such as clay-deconv")
    add("data", metavar="DATA", help="the face set it learned from: a folder or .zip")
    add("--json", metavar="FILE", help="write all numbers to this file; docs/measures.md explains them")
    add("--floor", metavar="MODEL", help="a GAN that does not heed its attributes, to compare with")
    add(
        "--count",
        type=positive,
        default=2000,
        help="held-out faces of each partition, at most (default: 2000)",
    )
    add("--people", type=positive, default=64, help="people whose attributes are switched (default: 64)")
    add("--pictures", metavar="DIR", help="write the drawn and the real pictures there, for FID and KID")
    add_quiet(parser)


def measure(options: argparse.Namespace) -> None:
    """Measure a trained model on the held-out faces of its set."""
    path = Path(options.json) if options.json else None
    if path and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise FacegenError(f"--json {path}: expected a file in a folder that is there.")
    if options.pictures and any(Path(options.pictures).glob("*")):
        raise FacegenError(f"--pictures {options.pictures}: expected a new folder, or an empty one.")
    load_keras()
    from facegen import metrics
    from facegen.data.reader import read
    from facegen.utils import files

    faces = read(options.data)
    if not (faces.partition == 2).any():
        faces = faces.hold_out(HELD_OUT, seed=0)
    model, floor = (zoo.load(name) if name else None for name in (options.model, options.floor))
    if options.pictures:
        metrics.write_pictures(model, faces, options.pictures, options.count, not options.quiet)
    effort = {"count": options.count, "people": options.people} if model.reads_noise else {}
    found = metrics.report(model, faces, floor, not options.quiet, **effort)
    found["model"] = {"path": options.model, **found["model"]}
    print(metrics.as_text(found))
    if path:
        files.write_text(path, metrics.as_json(found))


COMMANDS = (
    Command(
        "measure",
        "say how well a model draws what it is asked for, beside what could be had and what chance gives",
        measure_options,
        measure,
        "facegen measure clay-deconv data/clay-rafd\n"
        "facegen measure build/runs/faces data/clay-celeba --floor build/runs/deaf --json build/faces.json",
    ),
)
