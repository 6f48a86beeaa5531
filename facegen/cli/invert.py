"""`facegen invert`: what has to be asked of a model for it to draw a picture."""

import argparse
from pathlib import Path

from facegen.cli.options import Command, add_quiet, load_keras
from facegen.models import zoo
from facegen.utils.errors import FacegenError

USUAL = "found.yaml"  # what the parameter file is called that nobody has named


def invert_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", metavar="MODEL", help="a trained model's folder or name, such as clay-deconv")
    add("picture", metavar="PICTURE", help="of a face that lies as in the pictures it learned from")
    add(
        "-o",
        "--output",
        type=Path,
        metavar="FILE.png",
        help="write what is drawn there, and what was found into FILE.yaml beside it",
    )
    add(
        "--crop",
        type=float,
        nargs=4,
        default=(0.0, 0.0, 1.0, 1.0),
        metavar=("LEFT", "TOP", "RIGHT", "BOTTOM"),
        help="the part of the picture that shows the face, in fractions (default: all of it); of "
        "files of RaFD, and of clay in its format, 0.035 0.047 0.965 0.82 is looked at",
    )
    add(
        "--known",
        action="append",
        default=[],
        metavar="NAME=WORDS",
        help="what is known of the picture, such as attributes=Smiling+Young: it is not looked for",
    )
    add("--seed", type=int, default=0, help="of what the search leaves to chance (default: 0)")
    add("--force", action="store_true", help="overwrite files that are there")
    add_quiet(parser)


def invert(options: argparse.Namespace) -> None:
    """Look for a picture's conditions, and print them as a parameter file."""
    drawn = options.output
    told = drawn.with_suffix(".yaml") if drawn else Path(USUAL)
    _check_new(drawn, told, options.force)
    load_keras()
    from facegen.training.inversion import invert as find
    from facegen.utils import files
    from facegen.viz import video

    model = zoo.load(options.model)
    known = dict(_known(text) for text in options.known)
    crop, show = tuple(options.crop), not options.quiet
    found = find(model, options.picture, options.seed, crop, known, progress=show)
    text = _text(found, options, told)
    print(text, end="")
    if drawn:
        drawn.parent.mkdir(parents=True, exist_ok=True)
        files.write(drawn, lambda file: file.write(video.png(found.image, model.title)))
        files.write_text(told, text)


def _known(text: str) -> tuple[str, str]:
    name, equals, words = text.partition("=")
    if not (name and equals and words):
        raise FacegenError(f"--known {text!r}: expected NAME=WORDS, such as emotion=happy.")
    return name, words


def _text(found, options: argparse.Namespace, told: Path) -> str:
    """A parameter file, which says in its comments how near it comes, and how it is drawn."""
    import yaml

    kept = "" if options.output else f"Saved as {told}, this is drawn by: "
    lines = [
        f"{options.picture}, as {options.model} would draw it: {found.psnr:.1f} dB. Nobody real is shown.",
        f"{kept}facegen generate -m {options.model} -f {told} -o {told.with_suffix('')} -ext png",
    ]
    comments = "".join(f"# {line}\n" for line in lines)
    return comments + yaml.safe_dump(found.parameters, sort_keys=False, allow_unicode=True, width=110)


def _check_new(drawn: Path | None, told: Path, force: bool) -> None:
    if drawn and drawn.suffix.lower() != ".png":
        raise FacegenError(
            f"-o {drawn}: expected the name of a PNG file, such as {drawn.with_suffix('.png')}."
        )
    for path in (drawn, told) if drawn and not force else ():
        if path.exists():
            raise FacegenError(f"{path} is there already: name another file, or add --force to overwrite.")


COMMANDS = (
    Command(
        "invert",
        "find what to ask of a model for it to draw a picture",
        invert_options,
        invert,
        "facegen invert clay-deconv build/face.png -o build/found.png\n"
        "facegen invert clay-gan somebody.jpg -o build/somebody.png\n"
        "facegen invert clay-flow me.jpg -o build/me.png --known attributes=Young+Smiling",
    ),
)
