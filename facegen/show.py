"""Pictures for people: contact sheets, curves, bars, films.

Sheets are Pillow images and charts are matplotlib figures: a notebook shows either when it is the
last value of a cell. matplotlib loads when the first chart is drawn.
"""

import base64
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facegen.errors import FacegenError

PAPER, INK = (255, 255, 255), (40, 40, 40)


def sheet(
    images: np.ndarray,
    columns: int | None = None,
    titles: Sequence[str] = (),
    left: Sequence[str] = (),
    top: Sequence[str] = (),
    side: int | None = None,
    gap: int = 2,
) -> Image.Image:
    """A contact sheet.

    Args:
        images: uint8 (n, height, width, 1 or 3), row by row.
        columns: pictures in a row; default: as square as possible, or as many as `top` has names.
        titles: a line above each picture.
        left, top: a line beside each row, above each column.
        side: pixels that the longer side of a picture is enlarged to, by whole steps; default:
            enough to see something (about 96).
        gap: pixels between pictures.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or images.dtype != np.uint8 or not len(images):
        raise FacegenError(
            f"A sheet takes pictures as uint8 (n, height, width, 1 or 3): found {images.dtype}{images.shape}."
        )
    count, height, width = images.shape[:3]
    columns = columns or len(top) or int(np.ceil(np.sqrt(count)))
    factor = max(1, round((side or 96) / max(height, width)))
    font = ImageFont.load_default(size=11)
    title = 15 if titles else 0
    margin = max([0, *(int(font.getlength(text)) + 6 for text in left)])
    head = 15 if top else 0
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
            draw.text((x + 1, y), _fit(titles[i], font, w), INK, font)
    for j, text in enumerate(top):
        draw.text((margin + j * w + 1, 0), _fit(text, font, w), INK, font)
    for i, text in enumerate(left):
        draw.text((2, head + i * h + (h - 12) // 2), text, INK, font)
    return paper


def _fit(text: str, font, width: int) -> str:
    """The text, cut where it would run into its neighbour."""
    while text and font.getlength(text) > width - 2:
        text = text[:-1]
    return text


def strip(folder: str | Path, most: int = 8) -> Image.Image:
    """Some sample sheets of a training side by side, the first and the last among them."""
    paths = sorted(Path(folder).glob("*.png"))
    if not paths:
        raise FacegenError(f"No sample sheets in {folder}: train with `samples=` first.")
    chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, most).round().astype(int))]
    sheets = [np.asarray(Image.open(path).convert("RGB")) for path in chosen]
    return sheet(np.stack(sheets), top=[f"epoch {int(path.stem)}" for path in chosen], gap=8)


def to_bytes(images: Iterable, side: int) -> np.ndarray:
    """Pictures in 0..1, each (1, height, width, 3), as uint8 (n, side, side, 3), enlarged by whole steps."""
    arrays = [np.clip(np.asarray(image)[0], 0, 1) for image in images]
    large = [a.repeat(side // a.shape[0], axis=0).repeat(side // a.shape[1], axis=1) for a in arrays]
    return np.round(np.stack(large) * 255).astype("uint8")


def curves(
    rows: Sequence[Mapping[str, float]], groups: Mapping[str, Sequence[str]], logarithmic: bool = False
):
    """A log as curves, one chart a group.

    Args:
        rows: of `training.train` or its log.csv.
        groups: title of a chart -> names of the columns drawn in it.
        logarithmic: in steps of ten upwards.
    """
    figure, axes = _charts(len(groups))
    for axis, (title, names) in zip(axes, groups.items(), strict=True):
        for name in names:
            axis.plot([row["epoch"] for row in rows], [row[name] for row in rows], label=name)
        axis.set(title=title, xlabel="epoch", yscale="log" if logarithmic else "linear")
        axis.legend()
    return figure


def bars(values: Mapping[str, float], title: str, marks: Mapping[str, float] | None = None):
    """A horizontal bar for each name, in the order given; `marks` are vertical lines to compare with."""
    figure, (axis,) = _charts(1, height=1 + 0.16 * len(values))
    axis.barh(list(values), list(values.values()))
    axis.invert_yaxis()
    for (name, value), style in zip((marks or {}).items(), ("--", ":", "-."), strict=False):
        axis.axvline(value, color="black", linestyle=style, label=name)
    axis.set(title=title)
    if marks:
        axis.legend()
    return figure


def dots(rows: Mapping[str, Mapping[str, float]], title: str):
    """A line for each name with a dot for each of its values, to compare them.

    Args:
        rows: name -> what is compared -> value, from the top down; NaN is left out.
        title: of the chart.
    """
    figure, (axis,) = _charts(1, height=1.2 + 0.17 * len(rows))
    series = list(dict.fromkeys(key for row in rows.values() for key in row))
    for key, marker in zip(series, "|odsx", strict=False):
        axis.plot([row.get(key, np.nan) for row in rows.values()], list(rows), marker, label=key)
    axis.invert_yaxis()
    axis.grid(axis="y", alpha=0.3)
    axis.tick_params(axis="y", labelsize=8)
    axis.set(title=title)
    axis.legend()
    return figure


def scatter(points: Mapping[str, tuple[float, float]], title: str, across: str, up: str):
    """A dot with its name at each (x, y), x in steps of ten; `across` and `up` name the axes."""
    figure, (axis,) = _charts(1, height=5)
    for name, (x, y) in points.items():
        axis.plot(x, y, ".", color="tab:blue")
        axis.annotate(name, (x, y), xytext=(3, 2), textcoords="offset points", fontsize=7)
    axis.set(title=title, xlabel=across, ylabel=up, xscale="log")
    return figure


def heat(values: np.ndarray, names: Sequence[str], title: str):
    """A square table as colours from blue (-1) over white (0) to red (1).

    Args:
        values: (n, n), row i and column i belonging to names[i].
    """
    figure, (axis,) = _charts(1, height=1.5 + 0.13 * len(names))
    picture = axis.imshow(values, "RdBu_r", vmin=-1, vmax=1)
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axis.set_yticks(range(len(names)), names, fontsize=7)
    axis.set(title=title)
    figure.colorbar(picture, shrink=0.5, fraction=0.04)
    return figure


def framed(image: Image.Image, box: Sequence[float]) -> Image.Image:
    """A picture with all that lies outside a box (left, top, right, bottom in pixels) darkened."""
    image = image.convert("RGB")
    dark = image.point(lambda value: value * 0.35)
    box = tuple(map(round, box))
    dark.paste(image.crop(box), box)
    ImageDraw.Draw(dark).rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline=(255, 160, 0))
    return dark


def _charts(count: int, height: float = 3.2):
    """A figure with `count` charts side by side, shown once: by the cell that returns it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.8 * count if count > 1 else 7, height), layout="constrained", dpi=80)
    FigureCanvasAgg(figure)
    figure._repr_png_ = partial(_chart_png, figure)  # a notebook knows figures of pyplot alone
    return figure, figure.subplots(1, count, squeeze=False)[0]


def _chart_png(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


class Film:
    """A film on disk, MP4 or GIF, that a notebook plays: the last value of a cell, in a loop."""

    def __init__(self, path: Path):
        self.path = path

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.path.read_bytes()).decode()
        if self.path.suffix == ".gif":
            return f'<img src="data:image/gif;base64,{data}">'
        return f'<video controls loop autoplay muted height="256" src="data:video/mp4;base64,{data}"></video>'


def film(frames: Iterable[np.ndarray], path: str | Path, fps: float = 15, side: int = 160) -> Film:
    """Write frames to an MP4 file (H.264) while they are drawn.

    Args:
        frames: pictures, uint8 (height, width, 1 or 3), all of one shape.
        path: where to; the file appears when it is complete.
        fps: frames a second.
        side: the longer side is enlarged to about this many pixels, by whole steps.
    """
    return _encoded(frames, Path(path), side, fps=fps, codec="libx264", macro_block_size=2, quality=5)


def gif(frames: Iterable[np.ndarray], path: str | Path, fps: float = 15, side: int = 160) -> Film:
    """Write frames to an animated GIF that repeats; otherwise as `film`.

    Each frame has its own 256 colours, and its time is a whole number of hundredths of a second: above
    50 frames a second, programs slow it down.
    """
    colours = "split[a][b];[a]palettegen=stats_mode=single[c];[b][c]paletteuse=new=1"
    settings = ["-filter_complex", colours, "-loop", "0", "-f", "gif"]
    return _encoded(
        frames, Path(path), side, fps=fps, codec="gif", pix_fmt_out="pal8", quality=None,
        macro_block_size=2, output_params=settings,
    )  # fmt: skip


def _encoded(frames: Iterable[np.ndarray], path: Path, side: int, **options) -> Film:
    """Pass frames on to ffmpeg one by one, however many there are."""
    import imageio_ffmpeg

    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    writer = None
    try:
        for frame in frames:
            frame = _enlarged(frame, side)
            if writer is None:
                shape = frame.shape[:2]
                writer = imageio_ffmpeg.write_frames(str(aside), shape[::-1], **options)
                writer.send(None)
            if frame.shape[:2] != shape:
                raise FacegenError(f"The frames of {path} differ in size: {shape}, then {frame.shape[:2]}.")
            writer.send(np.ascontiguousarray(frame))
        if writer is None:
            raise FacegenError(f"No frames for {path}: a film needs at least one picture.")
        writer.close()
        os.replace(aside, path)
    finally:
        if writer is not None:
            writer.close()
        aside.unlink(missing_ok=True)
    return Film(path)


def numbered(frames: Iterable[np.ndarray], folder: str | Path, extension: str = "jpg") -> int:
    """Write frames as 00000.jpg, 00001.jpg, ... while they are drawn; every file there is whole.

    Args:
        frames: pictures, uint8 (height, width, 1 or 3).
        folder: where to; made if missing.
        extension: "jpg" (quality 92) or "png".

    Returns:
        How many.
    """
    folder, count = Path(folder), 0
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{os.getpid()}.part.{extension}"
    try:
        for frame in frames:
            _picture(frame).save(aside, quality=92)
            os.replace(aside, folder / f"{count:05d}.{extension}")
            count += 1
    finally:
        aside.unlink(missing_ok=True)
    return count


def _enlarged(frame: np.ndarray, side: int) -> np.ndarray:
    """A frame in colour, enlarged by whole steps, with even sides as H.264 wants them."""
    factor = max(1, round(side / max(frame.shape[:2])))
    frame = frame.repeat(factor, axis=0).repeat(factor, axis=1)
    frame = np.repeat(frame, 3, axis=2) if frame.shape[2] == 1 else frame
    return frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]


def png(image: np.ndarray) -> bytes:
    """One picture, uint8 (height, width, 1 or 3), as the bytes of a PNG file."""
    buffer = io.BytesIO()
    _picture(image).save(buffer, "PNG")
    return buffer.getvalue()


def _picture(image: np.ndarray) -> Image.Image:
    return Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
