"""The `facegen` command. Each command is one function and one entry of `COMMANDS`."""

import argparse
import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from facegen import __version__, commands
from facegen.errors import FacegenError
from facegen.logs import at_least, logger

INTERRUPTED, UNHEARD = 130, 141  # 128 + SIGINT and 128 + SIGPIPE, as shells have it


@dataclass(frozen=True)
class Command:
    """A command: what it is called ("data clay-rafd"), how its options are declared, what it runs."""

    name: str
    help: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]
    examples: str = ""


def numbers(text: str) -> tuple[float, ...]:
    """ "0,45,90" -> (0, 45, 90)"""
    return tuple(float(part) for part in text.split(","))


def whole_numbers(text: str) -> tuple[int, ...]:
    """ "0,1" -> (0, 1)"""
    return tuple(int(part) for part in text.split(","))


def words(text: str) -> tuple[str, ...]:
    """ "left,frontal" -> ("left", "frontal")"""
    return tuple(part.strip() for part in text.split(","))


def drawing_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="folder to write; one begun before is gone on with")
    parser.add_argument("--seed", type=int, default=0, help="other people for another number (default: 0)")
    parser.add_argument("--workers", type=int, default=2, help="pictures drawn at a time (default: 2)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def clay_celeba_options(parser: argparse.ArgumentParser) -> None:
    drawing_options(parser)
    add = parser.add_argument
    add("--count", type=int, default=6000, help="number of pictures (default: 6000)")
    add(
        "--backdrops",
        choices=("varied", "plain"),
        default="varied",
        help="rooms, stripes, leaves, ..., or soft gradients (default: varied)",
    )
    add(
        "--label-noise",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="share of labels that are wrong, as CelebA's are: 0.09 is like there (default: 0)",
    )
    add(
        "--odds",
        metavar="FILE",
        help="YAML: who has which attributes, where that differs from facegen/clay/odds.yaml",
    )


def clay_celeba(options: argparse.Namespace) -> None:
    from facegen import clay
    from facegen.clay import odds

    clay.celeba(
        options.folder,
        options.count,
        options.seed,
        options.workers,
        progress=not options.quiet,
        backdrops=options.backdrops,
        label_noise=options.label_noise,
        odds=odds.read(options.odds) if options.odds else None,
    )


def clay_rafd_options(parser: argparse.ArgumentParser) -> None:
    drawing_options(parser)
    parser.add_argument("--people", type=int, default=57, help="the first N of the 57 adults (default: 57)")
    parser.add_argument("--children", action="store_true", help="also the children numbered among them")
    parser.add_argument(
        "--angles",
        type=numbers,
        default="0,45,90,135,180",
        metavar="DEGREES",
        help="camera angles from 0 to 180, 90 is frontal (default: 0,45,90,135,180)",
    )
    parser.add_argument("--width", type=int, default=681, help="in pixels; the height follows (default: 681)")
    parser.add_argument(
        "--gazes",
        type=words,
        default="frontal",
        metavar="NAMES",
        help="some of left,frontal,right (default: frontal)",
    )


def clay_rafd(options: argparse.Namespace) -> None:
    from facegen import clay

    clay.rafd(
        options.folder,
        people=options.people,
        angles=options.angles,
        width=options.width,
        gazes=options.gazes,
        children=options.children,
        seed=options.seed,
        workers=options.workers,
        progress=not options.quiet,
    )


def clay_yaleb_options(parser: argparse.ArgumentParser) -> None:
    drawing_options(parser)
    parser.add_argument("--people", type=int, default=38, help="the first N of the 38 (default: 38)")
    parser.add_argument(
        "--poses",
        type=whole_numbers,
        default="0",
        metavar="NUMBERS",
        help="some of 0 to 8; 0 is frontal (default: 0)",
    )


def clay_yaleb(options: argparse.Namespace) -> None:
    from facegen import clay

    clay.yaleb(
        options.folder, options.people, options.poses, options.seed, options.workers, not options.quiet
    )


def celeba_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", metavar="DIR", help="folder to write; a download begun before is gone on with"
    )
    parser.add_argument(
        "--accept-licence", action="store_true", help="accept the terms; without, they are shown"
    )
    parser.add_argument(
        "--from",
        dest="own",
        action="append",
        default=[],
        metavar="FILE",
        help="a copy that you have of one of the files, or a folder of them; may be given several times",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def celeba(options: argparse.Namespace) -> None:
    from facegen.facesets import download, sources

    if not options.accept_licence:
        print(sources.CELEBA_LICENCE.format(folder=options.folder))
        raise FacegenError("nothing was downloaded: add --accept-licence if you accept CelebA's terms")
    download.celeba(options.folder, options.own, not options.quiet)


def ask_options(parser: argparse.ArgumentParser) -> None:
    name = parser.prog.split()[-1]
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", default=f"data/{name}", help=f"where to (default: data/{name})"
    )
    parser.set_defaults(set=name)


def ask(options: argparse.Namespace) -> None:
    from facegen.facesets import sources

    print(sources.ASK[options.set].format(folder=options.folder))


def port(text: str) -> int:
    """A number that a server can listen on, or 0."""
    number = int(text)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, found {text}")
    return number


def panel_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a trained model's folder or name, such as clay-gan")
    parser.add_argument("--port", type=port, default=8866, help="to listen on; 0: any free (default: 8866)")
    parser.add_argument("--no-browser", action="store_true", help="only say where the page is")


def panel(options: argparse.Namespace) -> None:
    from facegen import backend, course
    from facegen.panel import serve

    backend.check()  # the page's own process could not say so
    serve(course.find(options.model), options.port, not options.no_browser)


COMMANDS: tuple[Command, ...] = (
    Command(
        "data clay-celeba",
        "draw toy people in CelebA's format: 178x218, 40 attributes",
        clay_celeba_options,
        clay_celeba,
        "facegen data clay-celeba data/clay-celeba --count 6000\n"
        "facegen data clay-celeba data/another-world --odds world.yaml --label-noise 0.09",
    ),
    Command(
        "data clay-rafd",
        "draw toy people in RaFD's format: identities, emotions, camera angles",
        clay_rafd_options,
        clay_rafd,
        "facegen data clay-rafd data/clay-rafd --people 8 --width 136\n"
        "facegen data clay-rafd data/turning --people 8 --width 136 --angles 0,22.5,45,67.5,90",
    ),
    Command(
        "data clay-yaleb",
        "draw toy people in Extended Yale B's format: identities, poses, 64 lights",
        clay_yaleb_options,
        clay_yaleb,
        "facegen data clay-yaleb data/clay-yaleb --people 10\n"
        "facegen data clay-yaleb data/clay-yaleb --people 2 --poses 0,1,2,3,4,5,6,7,8",
    ),
    Command(
        "data celeba",
        "download CelebA from Google Drive, or check and take over a copy that you have",
        celeba_options,
        celeba,
        "facegen data celeba data/celeba\n"
        "facegen data celeba data/celeba --accept-licence\n"
        "facegen data celeba data/celeba --accept-licence --from Downloads/img_align_celeba.zip",
    ),
    Command(
        "data rafd",
        "say where to ask for the Radboud Faces Database, and where to put it",
        ask_options,
        ask,
        "facegen data rafd",
    ),
    Command(
        "data yaleb",
        "say where the Extended Yale Face Database B is, and where to put it",
        ask_options,
        ask,
        "facegen data yaleb",
    ),
    Command(
        "data jaffe",
        "say where to ask for the Japanese Female Facial Expression set, and where to put it",
        ask_options,
        ask,
        "facegen data jaffe",
    ),
    Command(
        "data check",
        "look at every picture and table of a data set: would a training run to its end?",
        commands.check_options,
        commands.check,
        "facegen data check data/celeba\nfacegen data check data/rafd --quarantine",
    ),
    Command(
        "data table",
        "write the table of a folder for each class, or of what Hugging Face has",
        commands.table_options,
        commands.table,
        "facegen data table data/moods",
    ),
    Command(
        "data clean",
        "remove what was made from a data set to be quick: pixels, rulers; they are made again when needed",
        commands.clean_options,
        commands.clean,
        "facegen data clean data/celeba",
    ),
    Command(
        "train deconv",
        "train the deconvolution network: identity, emotion, orientation in, a face out",
        commands.deconv_options,
        commands.train_deconv,
        "facegen train deconv data/clay-rafd -o build/runs/heads -d 3 -e 60 -v\n"
        "facegen train deconv data/rafd -o build/runs/rafd -d 5 -b 16 -e 100 -k 128 128 96 -opt adam -v\n"
        "facegen train deconv data/rafd -o build/runs/abstract -m build/runs/rafd --optimizer adagrad",
    ),
    Command(
        "train gan",
        "train the attribute GAN: 40 attributes and noise in, a face out",
        commands.gan_options,
        commands.train_gan,
        "facegen train gan data/clay-celeba -o build/runs/faces --size 32 --width 16 -e 20 -v\n"
        "facegen train gan data/celeba -o build/runs/celeba --recipe stabilized --conditioning both",
    ),
    Command(
        "generate",
        "draw what a parameter file says: pictures, a sheet or a film",
        commands.generate_options,
        commands.generate,
        "facegen generate -m build/runs/heads -o build/story -f params/story.yaml -ext mp4\n"
        "facegen generate -m build/runs/heads -o build/drunk -f params/drunk.yaml -b 64 -ext jpg",
    ),
    Command(
        "panel",
        "press Smiling, and this person smiles: a model's live panel as a page in the browser",
        panel_options,
        panel,
        "facegen panel clay-gan\nfacegen panel build/runs/heads --port 9000 --no-browser",
    ),
    Command(
        "measure",
        "say how well a model draws what it is asked for, beside what could be had and what chance gives",
        commands.measure_options,
        commands.measure,
        "facegen measure clay-deconv data/clay-rafd\n"
        "facegen measure build/runs/faces data/clay-celeba --floor build/runs/deaf --json build/faces.json",
    ),
)


def new_parser(add: Callable, name: str, text: str, examples: Sequence[str] = ()) -> argparse.ArgumentParser:
    shown = [line for example in examples if example for line in example.splitlines()]
    epilog = "examples:\n" + "\n".join("  " + line for line in shown) if shown else None
    raw = argparse.RawDescriptionHelpFormatter
    return add(name, help=text, description=text, epilog=epilog, formatter_class=raw)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; "data clay-rafd" is the command clay-rafd in the group data."""
    top = argparse.ArgumentParser(
        prog="facegen",
        description="Generate faces you can steer.",
        epilog="examples:\n" + "\n".join(f"  {c.examples.splitlines()[0]}" for c in COMMANDS if c.examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"facegen {__version__}")
    levels = {(): top.add_subparsers(metavar="COMMAND", required=True)}
    for command in COMMANDS:
        *group, name = command.name.split()
        if tuple(group) not in levels:
            inner = new_parser(levels[()].add_parser, group[0], f"commands about {group[0]}")
            levels[tuple(group)] = inner.add_subparsers(metavar="COMMAND", required=True)
        leaf = new_parser(levels[tuple(group)].add_parser, name, command.help, [command.examples])
        command.options(leaf)
        leaf.set_defaults(run=command.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        Its exit code: 0; 1 for an error of the user's; 130 when interrupted; 141 when what it says has
        no reader any more, as in `facegen ... | head -1`.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)  # what cannot be shown: \u0141
    try:
        try:
            return _run(parser().parse_args(arguments))
        finally:
            sys.stdout.flush()  # a closed pipe is noticed now, and not at the end of Python
    except BrokenPipeError:
        _hush()
        return UNHEARD


def _run(options: argparse.Namespace) -> int:
    """Run a command; what ends it early is said in one line."""
    with at_least(logging.WARNING if getattr(options, "quiet", False) else logging.INFO):
        try:
            options.run(options)
            return 0
        except FacegenError as error:
            logger.error(" ".join(str(error).split()))
        except BrokenPipeError:
            raise
        except OSError as error:  # of a folder that is not ours, or a disk that fails; it names the file
            logger.error(f"{error}; is that the right place, and may you write there?")
        except KeyboardInterrupt as stop:  # a training says what is saved, and how to go on
            logger.error(str(stop) or "interrupted")
            return INTERRUPTED
    return 1


def _hush() -> None:
    """Let what Python still writes at its end go nowhere, where a pipe is closed."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nowhere, stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
