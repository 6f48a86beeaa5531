"""`facegen panel`: a live panel as a page in the browser."""

import argparse

from facegen.cli.options import Command
from facegen.models import zoo


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
    from facegen.panel import serve
    from facegen.utils import backend

    backend.check()  # the page's own process could not say so
    serve(zoo.find(options.model), options.port, not options.no_browser)


COMMANDS = (
    Command(
        "panel",
        "press Smiling, and this person smiles: a model's live panel as a page in the browser",
        panel_options,
        panel,
        "facegen panel clay-gan\nfacegen panel build/runs/heads --port 9000 --no-browser",
    ),
)
