"""Pictures for people: contact sheets, curves, bars; films (of video.py).

Sheets are Pillow images and charts are matplotlib figures: a notebook shows either when it is the
last value of a cell. Each takes `alt`, a sentence that says what is to be seen, for whoever does not see
it (WCAG 2.2, 1.1.1); see `described`. matplotlib loads when the first chart is drawn.
"""

import base64
import html
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import cycle, zip_longest
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facegen.utils.errors import FacegenError
from facegen.viz.video import LINE, fitted, picture

PAPER, INK = (255, 255, 255), (40, 40, 40)
STYLES = (
    "-o",
    "--s",
    "-.^",
    ":d",
    "-v",
    "--P",
    "-.X",
    ":*",
)  # of the lines in a chart, which are told apart without colour, too


def described(picture, alt: str):
    """The same Pillow image or chart, with a text for whoever does not see it.

    A notebook then shows it as an `<img alt="...">`, and keeps the text in the metadata of the output,
    where nbconvert looks for it; a terminal shows the text.

    Args:
        picture: has `_repr_png_`, as Pillow's images and the charts of this module.
        alt: a sentence that says what is to be seen; "" leaves the picture as it is.

    Example:
        >>> dot = described(Image.new("RGB", (1, 1)), "A black dot.")
        >>> dot._repr_mimebundle_()[1]["image/png"]
        {'alt': 'A black dot.'}
    """
    if alt:
        picture._repr_mimebundle_ = partial(_bundle, picture, alt)
    return picture


def _bundle(picture, alt: str, include=None, exclude=None) -> tuple[dict, dict]:
    """What a notebook asks for: the picture in each of its forms, and what is to be known about them."""
    drawn = {form: getattr(picture, f"_repr_{form}_", None) for form in ("png", "jpeg")}
    data = {f"image/{form}": base64.b64encode(draw()).decode() for form, draw in drawn.items() if draw}
    tag = f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data["image/png"]}">'
    return {**data, "text/html": tag, "text/plain": alt}, {kind: {"alt": alt} for kind in data}


def contact_sheet(
    images: np.ndarray,
    columns: int | None = None,
    titles: Sequence[str] = (),
    left: Sequence[str] = (),
    top: Sequence[str] = (),
    side: int | None = None,
    gap: int = 2,
    alt: str = "",
) -> Image.Image:
    """A contact sheet.

    Args:
        images: uint8 (n, height, width, 1 or 3), row by row.
        columns: pictures in a row; default: as square as possible, or as many as `top` has names.
        titles, top: above each picture, above each column, in as many lines as it takes.
        left: a line beside each row.
        side: pixels that the longer side of a picture is enlarged to, by whole steps, or reduced to;
            default: enough to see something (about 96).
        gap: pixels between pictures.
        alt: what is to be seen, see `described`.

    Example:
        >>> five = np.zeros((5, 16, 16, 3), "uint8")
        >>> contact_sheet(five, columns=3, side=16, gap=2).size  # two rows
        (52, 34)
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or images.dtype != np.uint8 or not len(images):
        raise FacegenError(
            f"A sheet takes pictures as uint8 (n, height, width, 1 or 3): found {images.dtype}{images.shape}."
        )
    images = reduced(images, side) if side else images
    count, height, width = images.shape[:3]
    columns = columns or len(top) or int(np.ceil(np.sqrt(count)))
    factor = max(1, round((side or 96) / max(height, width)))
    font = ImageFont.load_default(size=11)
    titles, top = ([wrapped(text, font, width * factor) for text in texts] for texts in (titles, top))
    title, head = (LINE * max([0, *(text.count("\n") + 1 for text in texts)]) for texts in (titles, top))
    margin = max([0, *(int(font.getlength(text)) + 6 for text in left)])
    w, h = width * factor + gap, height * factor + gap + title
    paper = Image.new("RGB", (margin + columns * w - gap, head + -(-count // columns) * h - gap), PAPER)
    draw = ImageDraw.Draw(paper)
    for i, pixels in enumerate(images):
        x, y = margin + i % columns * w, head + i // columns * h
        picture = Image.fromarray(np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels)
        paper.paste(
            picture.resize((width * factor, height * factor), Image.Resampling.NEAREST), (x, y + title)
        )
        if i < len(titles):
            draw.text((x + 1, y), titles[i], INK, font)
    for j, text in enumerate(top):
        draw.text((margin + j * w + 1, 0), text, INK, font)
    for i, text in enumerate(left):
        draw.text((2, head + i * h + (h - 12) // 2), text, INK, font)
    return described(paper, alt)


def wrapped(text: str, font, width: int) -> str:
    """The text in lines that are no wider than so many pixels; a word that is wider is cut.

    Example:
        >>> wrapped("Wearing Hat", ImageFont.load_default(size=11), 50).splitlines()
        ['Wearing', 'Hat']
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], longer] if font.getlength(longer) <= width - 2 else [*lines, word]
    return "\n".join(fitted(line, font, width) for line in lines if line)


def reduced(images: np.ndarray, side: int) -> np.ndarray:
    """Pictures whose longer side has at most so many pixels, uint8 (n, height, width, channels).

    Example:
        >>> reduced(np.zeros((2, 12, 8, 3), "uint8"), side=6).shape
        (2, 6, 4, 3)
    """
    height, width = images.shape[1:3]
    scale = side / max(height, width)
    if scale >= 1:
        return images
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = [np.asarray(picture(image).resize(size, Image.Resampling.LANCZOS)) for image in images]
    return np.stack(small).reshape(len(images), *size[::-1], -1)


def strip(
    folder: str | Path, most: int = 8, columns: int | None = None, side: int | None = None, alt: str = ""
) -> Image.Image:
    """Some sample sheets of a training, the first and the last among them, closer together at the beginning.

    Args:
        folder: "samples" of a training's folder.
        most: sheets that are shown.
        columns: sheets in a row; default: all.
        side: pixels of the longer side of a sheet, see `contact_sheet`.
        alt: what is to be seen, see `described`.

    Example:
        >>> Path("samples").mkdir()
        >>> for epoch in (1, 5, 10):
        ...     Image.new("RGB", (96, 96)).save(f"samples/{epoch:04d}.png")
        >>> strip("samples", most=2).width  # epochs 1 and 10
        200
    """
    paths = sorted(Path(folder).glob("*.png"))
    if not paths:
        raise FacegenError(f"No sample sheets in {folder}: train with `samples=` first.")
    chosen = [paths[i] for i in doubling(len(paths), most)]
    sheets = [np.asarray(Image.open(path).convert("RGB")) for path in chosen]
    titles = [f"epoch {int(path.stem)}" for path in chosen]
    return contact_sheet(np.stack(sheets), columns or len(chosen), titles, side=side, gap=8, alt=alt)


def doubling(count: int, most: int) -> list[int]:
    """At most so many of the numbers 0 to count - 1, the first and the last among them, at growing distances.

    Example:
        >>> doubling(61, 8), doubling(3, 8)
        ([0, 1, 2, 4, 8, 15, 30, 60], [0, 1, 2])
    """
    if min(most, count) < 2:
        return [count - 1]
    inner = np.geomspace(1, count - 1, most - 1) if most > 2 else []
    return np.unique(np.round([0, *inner, count - 1]).astype(int)).tolist()


def to_bytes(images: Iterable, side: int) -> np.ndarray:
    """Pictures in 0..1, each (1, height, width, 3), as uint8 (n, side, side, 3), enlarged by whole steps.

    Example:
        >>> to_bytes([np.full((1, 2, 2, 3), 0.5)], side=4)[0, :, :, 0].tolist()
        [[128, 128, 128, 128], [128, 128, 128, 128], [128, 128, 128, 128], [128, 128, 128, 128]]
    """
    arrays = [np.clip(np.asarray(image)[0], 0, 1) for image in images]
    large = [a.repeat(side // a.shape[0], axis=0).repeat(side // a.shape[1], axis=1) for a in arrays]
    return np.round(np.stack(large) * 255).astype("uint8")


def curves(
    rows: Sequence[Mapping[str, float]],
    groups: Mapping[str, Sequence[str]],
    logarithmic: bool = False,
    up: Sequence[str] = (),
    alt: str = "",
):
    """A log as curves, one chart a group.

    Args:
        rows: of `training.train` or its log.csv.
        groups: title of a chart -> names of the columns drawn in it.
        logarithmic: in steps of ten upwards.
        up: what the values of each chart are, with their unit.
        alt: what is to be seen, see `described`.

    Example:
        >>> rows = [{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.5}]
        >>> chart = curves(rows, {"Loss": ["loss"]})
        >>> [float(y) for y in chart.axes[0].lines[0].get_ydata()]
        [0.7, 0.5]
    """
    figure, axes = _charts(len(groups))
    for axis, (title, names), values in zip_longest(axes, groups.items(), up, fillvalue=""):
        for name, style in zip(names, cycle(STYLES), strict=False):
            x, y = ([row[key] for row in rows] for key in ("epoch", name))
            axis.plot(x, y, style, markersize=4, markevery=0.1 if len(rows) > 20 else 1, label=name)
        axis.set(title=title, xlabel="epoch", ylabel=values, yscale="log" if logarithmic else "linear")
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend()
    return described(figure, alt)


def lines(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    title: str,
    across: str,
    logarithmic: bool = False,
    up: str = "",
    alt: str = "",
):
    """A line through points for each name.

    Args:
        series: name -> (x, y), as many of each.
        title: of the chart.
        across, up: what x and y are, with their units.
        logarithmic: in steps of ten upwards.
        alt: what is to be seen, see `described`.

    Example:
        >>> chart = lines({"GAN": ([1, 2, 4], [90, 70, 40])}, "Distance", across="epochs")
        >>> chart.axes[0].get_title(), [int(y) for y in chart.axes[0].lines[0].get_ydata()]
        ('Distance', [90, 70, 40])
    """
    figure, (axis,) = _charts(1, height=4)
    for (name, (x, y)), style in zip(series.items(), cycle(STYLES), strict=False):
        axis.plot(x, y, style, markersize=4, label=name)
    axis.set(title=title, xlabel=across, ylabel=up, yscale="log" if logarithmic else "linear")
    axis.legend()
    return described(figure, alt)


def bars(values: Mapping[str, float], title: str, marks: Mapping[str, float] | None = None, alt: str = ""):
    """A horizontal bar for each name, in the order given.

    Args:
        values: name -> length.
        title: what the values are, with their unit.
        marks: name -> where a vertical line stands to compare with.
        alt: what is to be seen, see `described`.

    Example:
        >>> chart = bars({"Smiling": 0.9, "Bald": 0.6}, "F1", marks={"chance": 0.5})
        >>> [float(bar.get_width()) for bar in chart.axes[0].patches]
        [0.9, 0.6]
    """
    figure, (axis,) = _charts(1, height=1 + 0.16 * len(values))
    axis.barh(list(values), list(values.values()))
    axis.invert_yaxis()
    for (name, value), style in zip((marks or {}).items(), ("--", ":", "-."), strict=False):
        axis.axvline(value, color="black", linestyle=style, label=name)
    axis.set(title=title)
    if marks:
        axis.legend()
    return described(figure, alt)


def dots(rows: Mapping[str, Mapping[str, float]], title: str, alt: str = ""):
    """A line for each name with a dot for each of its values, to compare them.

    Args:
        rows: name -> what is compared -> value, from the top down; NaN is left out.
        title: of the chart.
        alt: what is to be seen, see `described`.

    Example:
        >>> chart = dots({"Smiling": {"drawn": 0.9, "real": 0.95}, "Bald": {"drawn": 0.6}}, "F1")
        >>> [text.get_text() for text in chart.axes[0].get_legend().get_texts()]
        ['drawn', 'real']
    """
    figure, (axis,) = _charts(1, height=1.2 + 0.17 * len(rows))
    series = list(dict.fromkeys(key for row in rows.values() for key in row))
    for key, marker in zip(series, "|odsx", strict=False):
        found = [row.get(key, np.nan) for row in rows.values()]
        axis.plot(found, list(rows), marker, markeredgewidth=2 if marker == "|" else 1, label=key)
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.grid(axis="y", alpha=0.3)
    axis.tick_params(axis="y", labelsize=9)
    axis.set(title=title)
    axis.legend()
    return described(figure, alt)


def heat(values: np.ndarray, names: Sequence[str], title: str, alt: str = ""):
    """A square table as colours from white (0) to red (1), and to blue (-1) if any value is negative.

    Args:
        values: (n, n), row i and column i belonging to names[i].
        title: of the chart.
        alt: what is to be seen, see `described`.

    Example:
        >>> chart = heat(np.array([[1, -0.4], [-0.4, 1]]), ["Male", "Lipstick"], "Correlation")
        >>> [text.get_text() for text in chart.axes[0].get_yticklabels()]
        ['Male', 'Lipstick']
    """
    height = 2 + 0.15 * len(names)
    figure, (axis,) = _charts(1, height, width=height + 1.2)
    least, colours = (-1, "RdBu_r") if np.min(values) < 0 else (0, "Reds")
    picture = axis.imshow(values, colours, vmin=least, vmax=1)
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=9)
    axis.set_yticks(range(len(names)), names, fontsize=9)
    axis.set(title=title)
    figure.colorbar(picture, shrink=0.5, fraction=0.04)
    return described(figure, alt)


def framed(image: Image.Image, box: Sequence[float], alt: str = "") -> Image.Image:
    """A picture with all that lies outside a box (left, top, right, bottom in pixels) darkened.

    Example:
        >>> grey = Image.new("RGB", (8, 8), (200, 200, 200))
        >>> window = framed(grey, (2, 2, 7, 7))
        >>> window.getpixel((0, 0)), window.getpixel((4, 4))
        ((70, 70, 70), (200, 200, 200))
    """
    image = image.convert("RGB")
    dark = image.point(lambda value: value * 0.35)
    box = tuple(map(round, box))
    dark.paste(image.crop(box), box)
    ImageDraw.Draw(dark).rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline=(255, 160, 0))
    return described(dark, alt)


def _charts(count: int, height: float = 3.2, width: float = 7):
    """A figure with `count` charts side by side, shown once: by the cell that returns it.

    A single chart is `width` by `height` inches; a title that is wider than its room begins a new line.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.8 * count if count > 1 else width, height), layout="constrained", dpi=80)
    FigureCanvasAgg(figure)
    figure._repr_png_ = partial(_chart_png, figure)  # a notebook knows figures of pyplot alone
    axes = figure.subplots(1, count, squeeze=False)[0]
    for axis in axes:
        axis.title.set_wrap(True)
    return figure, axes


def _chart_png(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
