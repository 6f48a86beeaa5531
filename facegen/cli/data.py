"""`facegen data`: draw clay people, download a set, look whether one is in order."""

import argparse
import logging

from facegen.cli.options import Command, add_quiet, numbers, whole_numbers, words
from facegen.utils.errors import FacegenError
from facegen.utils.logging import at_least


def drawing_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="folder to write; one begun before is gone on with")
    parser.add_argument("--seed", type=int, default=0, help="other people for another number (default: 0)")
    parser.add_argument("--workers", type=int, default=2, help="pictures drawn at a time (default: 2)")
    add_quiet(parser)


def draw(options: argparse.Namespace, kind: str, *names: str) -> None:
    """Draw a set with the function of clay of that name, whose arguments are called like the options."""
    from facegen import clay

    chosen = {name: getattr(options, name) for name in ("seed", "workers", *names)}
    getattr(clay, kind)(options.folder, **chosen, progress=not options.quiet)


def draw_celeba(options: argparse.Namespace) -> None:
    from facegen.clay import odds

    options.odds = odds.read(options.odds) if options.odds else None
    draw(options, "celeba", "count", "backdrops", "label_noise", "odds")


def draw_rafd(options: argparse.Namespace) -> None:
    draw(options, "rafd", "people", "angles", "width", "gazes", "children")


def draw_yaleb(options: argparse.Namespace) -> None:
    draw(options, "yaleb", "people", "poses")


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
    add_quiet(parser)


def celeba(options: argparse.Namespace) -> None:
    from facegen.data import download, sources

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
    from facegen.data import sources

    print(sources.ASK[options.set].format(folder=options.folder))


def check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="folder or .zip of a data set")
    parser.add_argument(
        "--quarantine",
        action="store_true",
        help="move broken pictures, and those without a row, to DIR/.quarantine",
    )
    parser.add_argument("--workers", type=int, help="pictures decoded at a time (default: one for each core)")
    add_quiet(parser)


def check(options: argparse.Namespace) -> None:
    from facegen.data import checking
    from facegen.data.reader import read

    report = checking.check(options.folder, options.workers, not options.quiet, processes=True)
    print(report)
    if options.quarantine:
        report, moved = checking.quarantine(options.folder, report)
        print(f"\nmoved {moved:,} to quarantine; now there are {report.faces}")
    if not report.ok:
        raise FacegenError(f"{options.folder}: not in order; no training could use all of it")
    with at_least(logging.ERROR):  # it has been said
        read(options.folder)  # as a training does


def table_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="folder of folders for classes, or of Hugging Face's")
    add_quiet(parser)


def table(options: argparse.Namespace) -> None:
    from facegen.data import conversion
    from facegen.data.reader import read

    path = conversion.write_table(options.folder, not options.quiet)
    print(f"wrote {path}: {read(options.folder)}")


def clean_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="folder or .zip of a data set, which stays as it is")


def clean(options: argparse.Namespace) -> None:
    from facegen.data import cache

    removed = cache.clean(options.folder)
    for path, size in removed.items():
        print(f"{size / 1e6:9,.1f} MB  {path}")
    print(f"removed {len(removed):,} files of {sum(removed.values()) / 1e6:,.1f} MB; the set is as it was")


ASKED = {
    "rafd": "to ask for the Radboud Faces Database",
    "yaleb": "the Extended Yale Face Database B is",
    "jaffe": "to ask for the Japanese Female Facial Expression set",
}
COMMANDS = (
    Command(
        "data clay-celeba",
        "draw toy people in CelebA's format: 178x218, 40 attributes",
        clay_celeba_options,
        draw_celeba,
        "facegen data clay-celeba data/clay-celeba --count 6000 --backdrops plain\n"
        "facegen data clay-celeba data/another-world --odds world.yaml --label-noise 0.09",
    ),
    Command(
        "data clay-rafd",
        "draw toy people in RaFD's format: identities, emotions, camera angles",
        clay_rafd_options,
        draw_rafd,
        "facegen data clay-rafd data/clay-rafd --people 16 --width 136\n"
        "facegen data clay-rafd data/turning --people 8 --width 136 --angles 0,22.5,45,67.5,90",
    ),
    Command(
        "data clay-yaleb",
        "draw toy people in Extended Yale B's format: identities, poses, 64 lights",
        clay_yaleb_options,
        draw_yaleb,
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
    *(
        Command(
            f"data {name}",
            f"say where {place}, and where to put it",
            ask_options,
            ask,
            f"facegen data {name}",
        )
        for name, place in ASKED.items()
    ),
    Command(
        "data check",
        "look at every picture and table of a data set: would a training run to its end?",
        check_options,
        check,
        "facegen data check data/celeba\nfacegen data check data/rafd --quarantine",
    ),
    Command(
        "data table",
        "write the table of a folder for each class, or of what Hugging Face has",
        table_options,
        table,
        "facegen data table data/moods",
    ),
    Command(
        "data clean",
        "remove what was made from a data set to be quick: pixels, classifiers; they are made again",
        clean_options,
        clean,
        "facegen data clean data/celeba",
    ),
)
