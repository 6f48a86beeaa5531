"""The `facegen` command: options and runs of its commands are in the modules here, this puts them together.

Nothing heavy is imported before a command runs.
"""

import argparse
import io
import logging
import os
import sys
from collections.abc import Callable, Sequence

from facegen import __version__
from facegen.cli import data, generate, invert, measure, panel, train
from facegen.cli.options import Command
from facegen.utils.errors import FacegenError
from facegen.utils.logging import at_least, logger

INTERRUPTED, UNHEARD = 130, 141  # 128 + SIGINT and 128 + SIGPIPE, as shells have it
COMMANDS: tuple[Command, ...] = (
    *data.COMMANDS,
    *train.COMMANDS,
    *generate.COMMANDS,
    *invert.COMMANDS,
    *panel.COMMANDS,
    *measure.COMMANDS,
)

GROUPS = {"data": "draw, get, check and tidy face sets", "train": "train a network on a face set"}


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
            inner = new_parser(levels[()].add_parser, group[0], GROUPS[group[0]])
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
