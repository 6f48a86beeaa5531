"""The button of a panel that takes a picture of one's own, and what has to be said beside it."""

from collections.abc import Callable

import ipywidgets as widgets

from facegen.panel import elements

CONSENT = (
    "Only of somebody who agrees to it. The picture goes to Python, which keeps it nowhere; what is drawn "
    "for it is synthetic, and says so where it is saved."
)


def upload(load: Callable[[bytes], object]) -> widgets.VBox:
    """A button that has a file chosen, below a heading, above a sentence on consent.

    Args:
        load: is called with the bytes of the file.
    """
    made = widgets.FileUpload(accept="image/*", multiple=False, description="Load a picture")
    made.layout.width = "auto"
    hint = "A face as in the pictures that the model has seen: the controls go to what draws it most nearly"
    made.observe(lambda _: _take(made, load), "value")
    said = widgets.HTML(f"<small>{CONSENT}</small>")
    heading = elements.title("a picture of yours")
    return elements.column(heading, elements.tip(made, hint), said, flex="1 1 240px")


def _take(made: widgets.FileUpload, load: Callable[[bytes], object]) -> None:
    chosen = made.value.values() if isinstance(made.value, dict) else made.value  # ipywidgets 7, 8
    for file in chosen:
        load(bytes(file["content"]))
    if chosen and not isinstance(made.value, dict):
        made.value = ()  # the same file may be chosen again
