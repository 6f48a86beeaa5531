"""Line drawings as SVG: boxes, arrows, words; in light and in dark, and for whoever hears them.

What kind of thing a box is, is told by its colour (those of Okabe and Ito, which the colour-blind can tell
apart) and by its corners. What a drawing says stands in its <title> and <desc>. It brings its own paper, so
that it can be read on any page.
"""

import base64
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facegen.utils.files import write_text

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
SIZE, SMALL = 14, 12  # of letters
WIDE = 0.65  # a letter's share of its size, on average and at most, in the widest of these fonts
LINE = 1.25  # a line's
PAD = 10  # between words and their box
CORNERS = {"picture": 0, "condition": 99, "learned": 8, "sum": 4, "loss": 20}  # radius of each kind of box
# (light, dark) of each kind: what fills it, its line, and what words upon it have
PAPER, INK, QUIET = ("#ffffff", "#15191f"), ("#1f2328", "#e8ecf0"), ("#57606a", "#a9b3bd")
FILLS = {
    "picture": ("#d9ebf7", "#0f3a56"),
    "condition": ("#fbeccc", "#4d3800"),
    "learned": ("#d5efe6", "#0b4234"),
    "sum": ("#eceff2", "#2b323a"),
    "loss": ("#f8e1ee", "#53283f"),
}
LINES = {
    "picture": ("#0072b2", "#56b4e9"),
    "condition": ("#b97f00", "#e69f00"),
    "learned": ("#00805d", "#2fc296"),
    "sum": QUIET,
    "loss": ("#a84880", "#e29bc4"),
    "gradient": ("#c04a00", "#ff8c4a"),
    "flow": INK,
    "faint": ("#c5ccd3", "#4a545e"),
}


def styles(name: str, used: set[str]) -> str:
    """The colours of a drawing of this name, in light and in dark; no other drawing of a page is touched.

    Args:
        used: classes that the drawing has.

    Example:
        >>> styles("map", {"ink"})
        '#map .ink { fill: #1f2328 } @media (prefers-color-scheme: dark) { #map .ink { fill: #e8ecf0 } }'
    """
    light, dark = (_rules(f"#{name}", used, scheme) for scheme in (0, 1))
    return f"{light} @media (prefers-color-scheme: dark) {{ {dark} }}"


def _rules(of: str, used: set[str], scheme: int) -> str:
    rules = {"paper": ("fill", PAPER), "ink": ("fill", INK), "quiet": ("fill", QUIET)}
    rules |= {kind: ("fill", pair) for kind, pair in FILLS.items()}
    rules |= {f"{kind}-line": ("stroke", pair) for kind, pair in LINES.items()}
    rules |= {f"{kind}-ink": ("fill", pair) for kind, pair in LINES.items()}
    return " ".join(f"{of} .{kind} {{ {rules[kind][0]}: {rules[kind][1][scheme]} }}" for kind in sorted(used))


def width_of(text: str, size: float = SIZE) -> float:
    """Pixels that a text takes at most, over all of its lines.

    Example:
        >>> width_of("noise\\nand attributes", size=10)
        91.0
    """
    return WIDE * size * max(map(len, text.split("\n")))


@dataclass(frozen=True)
class Diagram:
    """A finished drawing, which a notebook shows where it is the last value of a cell.

    Attributes:
        svg: its text.
        alt: what is to be seen.

    Example:
        >>> Diagram("<svg/>", "Nothing.")._repr_mimebundle_()[1]
        {'image/svg+xml': {'alt': 'Nothing.'}}
    """

    svg: str
    alt: str

    def __repr__(self) -> str:
        return self.alt

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        source = "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()
        tag = f'<img alt="{html.escape(self.alt)}" src="{source}" style="max-width: 100%">'
        forms = {"image/svg+xml": self.svg, "text/html": tag, "text/plain": self.alt}
        return forms, {"image/svg+xml": {"alt": self.alt}}

    def save(self, path: str | Path) -> None:
        """Write it into a file."""
        write_text(Path(path), self.svg + "\n")


@dataclass(frozen=True)
class Box:
    """Where a box stands, and the middles of its sides."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self):
        return self.x, self.y + self.height / 2

    @property
    def right(self):
        return self.x + self.width, self.y + self.height / 2

    @property
    def top(self):
        return self.x + self.width / 2, self.y

    @property
    def bottom(self):
        return self.x + self.width / 2, self.y + self.height


class Drawing:
    """A sheet on which things are put one after the other; (0, 0) is its upper left corner.

    Args:
        width, height: in pixels.
        title: its name, in a few words.
        says: what is to be seen, in a sentence or two.

    Example:
        >>> drawing = Drawing(200, 50, "A network", "A box.")
        >>> drawing.box(10, 25, "generator", "learned").left
        (10, 25.0)
        >>> drawing.finished().svg.count("<rect")  # the paper, and the box
        2
    """

    def __init__(self, width: float, height: float, title: str, says: str):
        self.width, self.height, self.title, self.says = width, height, title, says
        self.name = re.sub(r"\W+", "-", title.lower()).strip("-")
        self.parts = [_tag("rect", "paper", width=width, height=height, rx=6)]

    def box(self, x, y, text, kind: str, width: float = 0, height: float = 0, size: float = SIZE) -> Box:
        """Words in a box as large as they need, the left side of which has its middle at (x, y)."""
        words = LINE * size * len(text.split("\n"))
        width, height = width or width_of(text, size) + 2 * PAD, height or words + PAD
        box = Box(x, y - height / 2, width, height)
        radius = min(CORNERS[kind], box.height / 2)
        shape = {"x": x, "y": box.y, "width": width, "height": height, "rx": radius}
        self.parts.append("<g>" + _tag("rect", f"{kind} {kind}-line", stroke_width=1.5, **shape))
        self.words(x + width / 2, y - words / 2, text, size=size)
        self.parts.append("</g>")
        return box

    def words(self, x, y, text, kind="ink", anchor="middle", size: float = SIZE) -> None:
        """Lines of text, the first of which has its upper edge at y."""
        for i, line in enumerate(text.splitlines()):
            place = {"x": x, "y": y + LINE * size * (i + 0.5) + 0.35 * size}
            self.parts.append(
                _tag("text", kind, html.escape(line), text_anchor=anchor, font_size=size, **place)
            )

    def line(self, *points, kind: str = "flow", thick: float = 1.5, dashed: bool = False) -> None:
        """A line through points."""
        dash = {"stroke_dasharray": "5 4"} if dashed else {}
        self.parts.append(_tag("polyline", f"{kind}-line", points=_places(points), fill="none",
                               stroke_width=thick, **dash))  # fmt: skip

    def arrow(self, *points, kind: str = "flow", text: str = "", thick: float = 1.5) -> None:
        """A line with a head at its last point, and words above its middle; a gradient is dashed."""
        (x0, y0), (x1, y1) = np.array(points[-2:], "float64")
        along = np.array([x1 - x0, y1 - y0]) / max(np.hypot(x1 - x0, y1 - y0), 1e-9)
        across, tip = np.array([-along[1], along[0]]), np.array([x1, y1])
        back = tip - 9 * along
        self.line(*points[:-1], tuple(back), kind=kind, thick=thick, dashed=kind == "gradient")
        self.polygon([tip, back + 4.5 * across, back - 4.5 * across], f"{kind}-ink")
        if text:
            (xa, ya), (xb, yb) = points[0], points[-1]
            height = LINE * SMALL * len(text.split("\n"))
            self.words((xa + xb) / 2, (ya + yb) / 2 - height - 3, text, size=SMALL)

    def polygon(self, points, kind: str, **more) -> None:
        """A filled shape."""
        self.parts.append(_tag("polygon", kind, points=_places(points), **more))

    def dot(self, x, y, radius: float, kind: str, **more) -> None:
        """A disc."""
        self.parts.append(_tag("circle", kind, cx=x, cy=y, r=radius, **more))

    def cut(self, x, y, text: str) -> None:
        """Two strokes across a line, which no gradient passes, and words beside them."""
        for shift in (-3, 3):
            self.line((x + shift - 4, y + 9), (x + shift + 4, y - 9), kind="gradient", thick=2.5)
        self.words(x + 14, y - LINE * SMALL * len(text.split("\n")) / 2, text, "gradient-ink", "start", SMALL)

    def grid(self, x, y, values: np.ndarray, cell: float, most: float = 0) -> Box:
        """A table of numbers as squares, darker for more, empty for none."""
        values = np.asarray(values)
        for (row, column), value in np.ndenumerate(values):
            place = {"x": x + column * cell, "y": y + row * cell, "width": cell, "height": cell}
            shade = 0.45 * float(value) / (most or values.max())
            self.parts.append("<g>" + _tag("rect", "picture-ink", fill_opacity=shade, **place))
            self.parts.append(_tag("rect", "picture-line", fill="none", stroke_width=1, **place))
            text = f"{value:g}" if value else ""
            self.words(place["x"] + cell / 2, place["y"] + (cell - LINE * SIZE) / 2, text)
            self.parts.append("</g>")
        return Box(x, y, cell * values.shape[1], cell * values.shape[0])

    def finished(self) -> Diagram:
        """What has been drawn."""
        about = f'<title id="{self.name}-title">{html.escape(self.title)}</title>'
        about += f'<desc id="{self.name}-desc">{html.escape(self.says)}</desc>'
        head = {"viewBox": f"0 0 {self.width:g} {self.height:g}", "width": f"{self.width:g}", "id": self.name}
        head |= {"role": "img", "aria-labelledby": f"{self.name}-title {self.name}-desc", "font-family": FONT}
        opened = "".join(f' {key}="{value}"' for key, value in head.items())
        drawn = "\n".join(self.parts)
        used = {kind for kinds in re.findall(r'class="(.*?)"', drawn) for kind in kinds.split()}
        body = f"{about}\n<style>{styles(self.name, used)}</style>\n{drawn}"
        return Diagram(f'<svg xmlns="http://www.w3.org/2000/svg"{opened}>\n{body}\n</svg>', self.says)


def _tag(name: str, kind: str, text: str = "", **attributes) -> str:
    about = "".join(f' {key.replace("_", "-")}="{_short(value)}"' for key, value in attributes.items())
    return f'<{name} class="{kind}"{about}' + (f">{text}</{name}>" if text else "/>")


def _short(value) -> str:
    return value if isinstance(value, str) else f"{value:.5g}"


def _places(points: Sequence) -> str:
    return " ".join(f"{x:.5g},{y:.5g}" for x, y in points)
