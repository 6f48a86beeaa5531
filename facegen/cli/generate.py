"""`facegen generate`: what a parameter file says, drawn and written while it is drawn."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from facegen.cli.options import Command, add_quiet, load_keras, positive
from facegen.models import zoo
from facegen.utils.errors import FacegenError

EXTENSIONS = ("jpg", "png", "gif", "mp4", "sheet")
MADE = re.compile(r"\d{5,}\.(?:jpg|png)|film\.(?:gif|mp4)|sheet\.png")
# Bytes of a pixel on disk, generously: twice what benchmarks/video.py measures, and more where chance
# draws what no face looks like. A GIF is written from a lossless file, which is there for a while.
BYTES = {"jpg": 0.6, "png": 3.0, "gif": 1.2, "mp4": 0.2, "sheet": 3.0}
BLOCK = 4096  # bytes: no file takes less
SHEET = 400  # pictures: more are no sheet, and would have to be in memory together
SIDE = 256  # pixels of a film's longer side, where the network draws smaller pictures


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
    add(
        "-f",
        "--file",
        required=True,
        metavar="YAML",
        help="parameter file, or the name of an example that comes with the course, such as story.yaml",
    )
    add("-b", "--batch", type=positive, default=64, help="pictures drawn at a time (default: 64)")
    add(
        "-ext",
        "--extension",
        choices=EXTENSIONS,
        default="jpg",
        help="numbered jpg or png files, film.gif (20 frames a second at most), film.mp4, or all in one "
        "sheet.png (default: jpg)",
    )
    add("--labels", action="store_true", help="write above each picture what it was asked to show")
    add("--force", action="store_true", help="write into a folder that is there; earlier pictures go")
    add_quiet(parser)


def generate(options: argparse.Namespace) -> None:
    """Draw what a parameter file says, each picture written before the next batch is drawn."""
    folder, kind = Path(options.output), options.extension
    _check_new(folder, options.force)
    load_keras()
    from facegen.conditions import script
    from facegen.training import resources
    from facegen.utils import files

    model = zoo.load(options.model)
    told = script.read(_found(options.file), model)
    if kind == "sheet" and told.count > SHEET:
        raise FacegenError(
            f"{options.file} asks for {told.count:,} pictures, a sheet has room for {SHEET}: "
            "choose another -ext, or fewer pictures."
        )
    resources.check_memory(model, min(options.batch, told.count), drawing=True)
    needed = size_on_disk(kind, told.count, model.image_shape, len(model.names) if options.labels else 0)
    smaller = "or use -ext mp4, which takes the least" if kind != "mp4" else "or draw fewer"
    files.check_space(folder, needed, f"{told.count:,} pictures as {kind}", smaller)
    try:
        for earlier in folder.glob("*") if options.force else ():
            if MADE.fullmatch(earlier.name):
                earlier.unlink()
        _write(_drawn(model, told, options), folder, kind, told.fps, model.title)
    except BrokenPipeError:  # of a bar that nobody reads any more: no fault of the disk
        raise
    except OSError as error:
        raise FacegenError(f"{folder}: cannot be written ({error}).") from error
    if not options.quiet:
        by_chance = f" The same again: seed: {told.seed}" if told.mode in ("random", "drunk") else ""
        print(f"{told.count:,} pictures in {folder}.{by_chance}")


def _found(name: str) -> Path:
    """A parameter file, or the example of that name."""

    path, example = Path(name), zoo.shipped("params") / name
    return example if not path.exists() and path.name == name and example.is_file() else path


def _drawn(model, told, options: argparse.Namespace) -> Iterator:
    from facegen import conditions
    from facegen.utils.progress import bar
    from facegen.viz import video

    with bar(told.count, "drawing", "", show=not options.quiet) as drawn:
        for rows in told.frames(options.batch):
            words = conditions.decode(model.names, rows) if options.labels else []
            for i, image in enumerate(model.draw(rows, options.batch)):
                label = [f"{name} {word}" for name, word in words[i].items()] if options.labels else ()
                yield video.annotate(image, label, SIDE) if options.labels else image
                drawn.update()


def _write(frames: Iterator, folder: Path, kind: str, fps: float, by: str) -> None:
    import numpy as np

    from facegen.utils import files, mark
    from facegen.viz import plots, video

    if kind in ("jpg", "png"):
        video.write_frames(frames, folder, kind, by)
    elif kind == "sheet":
        folder.mkdir(parents=True, exist_ok=True)
        sheet = plots.contact_sheet(np.stack([*frames]))
        says = mark.text(by)
        files.write(folder / "sheet.png", lambda file: mark.save(sheet, file, "PNG", says))
    else:
        write = video.write_gif if kind == "gif" else video.write_mp4
        write(frames, folder / f"film.{kind}", fps, SIDE, by)


def _check_new(folder: Path, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise FacegenError(f"{folder} is a file: expected the name of a new folder.")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise FacegenError(f"{folder} is there already: name another folder, or add --force to overwrite.")


def size_on_disk(kind: str, count: int, shape: tuple[int, int, int], lines: int = 0) -> int:
    """About how many bytes pictures will take, rather too many than too few.

    Args:
        kind: one of `EXTENSIONS`.
        count: of pictures.
        shape: (height, width, channels) as the network draws them.
        lines: of label above each.
    """
    from facegen.viz.video import LINE

    height, width, _ = shape
    enlarged = max(1, round(SIDE / max(height, width))) if kind in ("gif", "mp4") or lines else 1
    pixels = (height * enlarged + LINE * lines) * width * enlarged
    return count * max(BLOCK if kind in ("jpg", "png") else 0, int(BYTES[kind] * pixels))


COMMANDS = (
    Command(
        "generate",
        "draw what a parameter file says: pictures, a sheet or a film",
        generate_options,
        generate,
        "facegen generate -m build/runs/heads -o build/story -f params/story.yaml -ext mp4\n"
        "facegen generate -m build/runs/heads -o build/drunk -f params/drunk.yaml -b 64 -ext jpg",
    ),
)
