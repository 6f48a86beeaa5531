"""`facegen data check`, `table` and `clean`: is a set in order, making one, and what was made from it."""

import argparse
import logging

from facegen.errors import FacegenError
from facegen.logs import at_least


def check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="folder or .zip of a data set")
    parser.add_argument(
        "--quarantine",
        action="store_true",
        help="move broken pictures, and those without a row, to DIR/.quarantine",
    )
    parser.add_argument("--workers", type=int, help="pictures decoded at a time (default: one for each core)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def check(options: argparse.Namespace) -> None:
    from facegen.facesets import check, read

    report = check.check(options.folder, options.workers, not options.quiet, processes=True)
    print(report)
    if options.quarantine:
        report, moved = check.quarantine(options.folder, report)
        print(f"\nmoved {moved:,} to quarantine; now there are {report.faces}")
    if not report.ok:
        raise FacegenError(f"{options.folder}: not in order; no training could use all of it")
    with at_least(logging.ERROR):  # it has been said
        read(options.folder)  # as a training does


def table_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="folder of folders for classes, or of Hugging Face's")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def table(options: argparse.Namespace) -> None:
    from facegen.facesets import conversion, read

    path = conversion.write_table(options.folder, not options.quiet)
    print(f"wrote {path}: {read(options.folder)}")


def clean_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="folder or .zip of a data set, which stays as it is")


def clean(options: argparse.Namespace) -> None:
    from facegen import cache

    removed = cache.clean(options.folder)
    for path, size in removed.items():
        print(f"{size / 1e6:9,.1f} MB  {path}")
    print(f"removed {len(removed):,} files of {sum(removed.values()) / 1e6:,.1f} MB; the set is as it was")
