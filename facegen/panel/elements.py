"""What panels are made of: core widgets that ipywidgets 7.7 and 8 both have, and how they look."""

import base64
import html
import io
import math
from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np
from PIL import Image

SIDE = 320  # pixels on the screen, about, of a picture's longer side: leaves room in a notebook
THUMB = 56  # of a face in the strip
ROUNDING = 1.2e-7  # of a number: float32 can tell no less

# Colours are shades of the text's own, so that the panel fits light and dark pages.
STYLE = """<style>
.facegen {overflow: hidden; max-width: 1280px; padding: 4px}
.facegen .widget-hbox {align-items: center}
.facegen .facegen-flow {flex-flow: row wrap; gap: 8px 16px; overflow: hidden}
.facegen .facegen-column {gap: 4px; overflow: hidden}
.facegen .facegen-flow > .facegen-column {align-self: flex-start}
.facegen .facegen-groups {gap: 6px 10px; overflow: hidden}
.facegen .facegen-thumbs {gap: 2px; flex-flow: row wrap; overflow: hidden}
.facegen .facegen-column > .widget-slider {flex: none !important}
.facegen img {image-rendering: pixelated; border-radius: 6px; object-fit: contain; max-width: 100%}
.facegen .widget-html, .facegen .widget-html-content {line-height: 1.4; height: auto; min-height: 0}
.facegen .widget-checkbox, .facegen .widget-checkbox label {height: 22px; line-height: 22px; cursor: pointer}
.facegen .widget-checkbox {width: auto; margin: 0 2px; padding: 0 4px; border-radius: 4px; overflow: hidden}
.facegen .widget-checkbox label {display: flex; align-items: center; gap: 7px; font-size: 12.5px}
.facegen .widget-checkbox input {margin: 0 !important}
.facegen .widget-checkbox:hover {background: rgba(128, 128, 128, .18)}
.facegen .widget-checkbox:focus-within {outline: 2px solid #3367d6; outline-offset: -2px}
.facegen .facegen-sure span {font-weight: 600}
.facegen .facegen-title {font-size: 12px; text-transform: uppercase; letter-spacing: .06em; opacity: .7;
  border-bottom: 1px solid rgba(128, 128, 128, .4); margin: 0 2px 2px}
.facegen .facegen-error {color: #c5221f; font-weight: 600}
.facegen .facegen-save {display: inline-block; border: 1px solid rgba(128, 128, 128, .6); border-radius: 4px;
  padding: 2px 10px; color: inherit; text-decoration: none}
.facegen .facegen-thumb {padding: 0 4px 1px; margin: 2px; line-height: 12px;
  background-color: rgba(128, 128, 128, .18); background-position: center; background-size: cover;
  image-rendering: pixelated; border-radius: 6px; flex: none; overflow: hidden; color: #fff; font-size: 11px;
  display: flex; align-items: flex-end; justify-content: flex-end;
  text-shadow: 0 0 2px #000, 0 0 2px #000, 0 0 3px #000}
.facegen .facegen-told {display: none}
.facegen :is(button, a, select, [role=slider], [role=textbox]):focus-visible {
  outline: 2px solid #3367d6 !important; outline-offset: 1px}
.facegen .facegen-now {outline: 3px solid #3367d6 !important; outline-offset: -1px}
</style>"""


def tip(widget: widgets.Widget, text: str) -> widgets.Widget:
    """Give a widget the text that shows under the pointer, whatever this ipywidgets calls it."""
    setattr(widget, "tooltip" if widget.has_trait("tooltip") else "description_tooltip", text)
    return widget


def classed(widget: widgets.Widget, *names: str) -> widgets.Widget:
    """Give a widget CSS classes."""
    for name in names:
        widget.add_class(name)
    return widget


def title(text: str) -> widgets.HTML:
    """A heading over a few controls."""
    return widgets.HTML(f'<div class="facegen-title" role="heading" aria-level="3">{html.escape(text)}</div>')


def button(text: str, hint: str, press) -> widgets.Button:
    """A button that calls `press()`."""
    made = tip(widgets.Button(description=text, layout=widgets.Layout(width="auto")), hint)
    made.on_click(lambda _: press())
    return made


def slider(text: str, value: float, hint: str, low: float = 0.0, high: float = 1.0, step: float = 0.01):
    """A slider for a number; it takes the width that is left."""
    made = widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=text, readout_format=".2f",
        style={"description_width": "96px"}, layout=widgets.Layout(width="auto", flex="1 1 280px"),
    )  # fmt: skip
    return tip(made, hint)


def show(slider: widgets.FloatSlider, value: float) -> None:
    """Bring a slider to a value, unless it stands there but for rounding.

    A browser that is told another value than it has just sent, be it the last digit, sends again, and so on:
    the kernel would draw one and the same picture until the slider moves on.

    Example:
        >>> made = slider("Strength", 0.3, "how much")
        >>> show(made, float(np.float32(0.3)))  # 0.30000001192092896
        >>> made.value
        0.3
        >>> show(made, 0.7)
        >>> made.value
        0.7
    """
    nothing = 10 * ROUNDING * (slider.max - slider.min)
    if not math.isclose(slider.value, value, rel_tol=ROUNDING, abs_tol=nothing):
        slider.value = value


def column(*children: widgets.Widget, **layout: str) -> widgets.VBox:
    """Widgets below each other."""
    return classed(widgets.VBox(children, layout=widgets.Layout(**layout)), "facegen-column")


def flow(*children: widgets.Widget) -> widgets.HBox:
    """Widgets beside each other; what finds no room goes on in the next line."""
    return classed(widgets.HBox(children), "facegen-flow")


def thumbs(*buttons: widgets.Widget) -> widgets.HBox:
    """Small pictures beside each other."""
    return classed(widgets.HBox(buttons), "facegen-thumbs")


def grid(groups: Sequence[widgets.Widget], narrowest: int) -> widgets.GridBox:
    """Groups of controls in as many columns of at least so many pixels as there is room for."""
    columns = f"repeat(auto-fill, minmax({narrowest}px, 1fr))"
    layout = widgets.Layout(grid_template_columns=columns, width="100%")
    return classed(widgets.GridBox(list(groups), layout=layout), "facegen-groups")


def screen_size(height: int, width: int, side: int) -> tuple[int, int]:
    """(height, width) on the screen of a picture: enlarged by a whole factor to at most a side."""
    factor = max(1, side // max(height, width))
    return factor * height, factor * width


def address(png: bytes) -> str:
    """A PNG file as the address of itself."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def thumbnail(image: np.ndarray) -> str:
    """A small copy of a picture, uint8 (height, width, 1 or 3), as an address."""
    small = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
    small.thumbnail((2 * THUMB, 2 * THUMB))
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    return address(buffer.getvalue())
