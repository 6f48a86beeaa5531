"""Frames into files while they are drawn, in constant memory: MP4, GIF, numbered pictures.

A frame is one picture, uint8 (height, width, 1 or 3). A file appears under its name when it is whole.
"""

import base64
import html
import io
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facegen.utils import mark
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger

GIF_FPS = 20  # more frames a second make a GIF large, and programs slow it down
GIF_COLOURS = 128
GIF_LARGE = 4e6  # bytes
LINE = 15  # pixels, of a label
PACKED = 4  # how hard PNG is packed, of 9: 6 takes twice as long for a hundredth less


class Film:
    """A film on disk, MP4 or GIF, that a notebook shows: the last value of a cell.

    An MP4 begins when somebody presses play (WCAG 2.2, 2.2.2). A GIF moves by itself, but where the reader
    has asked their system for less motion, its first frame stands still.

    Example:
        >>> film = Film(Path("turn.mp4"), "A head turns.")
        >>> film.path.name, film.alt
        ('turn.mp4', 'A head turns.')
    """

    def __init__(self, path: Path, alt: str = ""):
        self.path, self.alt = path, html.escape(alt)

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.path.read_bytes()).decode()
        if self.path.suffix == ".gif":
            still = base64.b64encode(png(self._first())).decode()
            less = f'media="(prefers-reduced-motion: reduce)" srcset="data:image/png;base64,{still}"'
            moving = f'<img alt="{self.alt}" src="data:image/gif;base64,{data}">'
            return f"<picture><source {less}>{moving}</picture>"
        about = f'aria-label="{self.alt}" controls loop muted height="256"'
        return f'<video {about} src="data:video/mp4;base64,{data}"></video>'

    def _first(self) -> np.ndarray:
        with Image.open(self.path) as image:
            return np.asarray(image.convert("RGB"))


def write_mp4(
    frames: Iterable[np.ndarray],
    path: str | Path,
    fps: float = 15,
    side: int = 160,
    by: str = "",
    alt: str = "",
) -> Film:
    """Write frames to an MP4 file (H.264) while they are drawn.

    Args:
        frames: all of one shape.
        path: where to.
        fps: frames a second.
        side: the longer side is enlarged to about this many pixels, by whole steps.
        by: the model that draws, for the mark in the file (see mark.py).
        alt: what is to be seen, for whoever does not see it.

    Raises:
        FacegenError: no frames, or frames of different sizes.

    Example:
        >>> frames = (np.full((16, 16, 3), grey, "uint8") for grey in (0, 100, 200))
        >>> film = write_mp4(frames, "brighter.mp4", side=32, by="clay-gan")
        >>> mark.read(film.path) == mark.text("clay-gan")
        True
    """
    path = Path(path)
    with _aside(path, path.suffix) as part:
        says = mark.film_options(mark.text(by))
        _encode(frames, path, part, side, fps=fps, codec="libx264", quality=5, output_params=says)
        os.replace(part, path)
    return Film(path, alt)


def write_gif(
    frames: Iterable[np.ndarray],
    path: str | Path,
    fps: float = 15,
    side: int = 160,
    by: str = "",
    alt: str = "",
) -> Film:
    """Write frames to an animated GIF that repeats; otherwise as `write_mp4`.

    A GIF stores little more than what changes from frame to frame, in 128 colours that suit the film.
    Over 20 frames a second, only every second (or third, ...) frame is kept. A warning tells when it has
    become large: an MP4 file of the same film is many times smaller.

    Example:
        >>> frames = (np.full((16, 16, 3), grey, "uint8") for grey in (0, 100, 200))
        >>> film = write_gif(frames, "brighter.gif", fps=10, side=32)
        >>> with Image.open(film.path) as image:
        ...     image.n_frames, image.size
        (3, (32, 32))
    """
    path, step = Path(path), max(1, int(np.ceil(fps / GIF_FPS)))
    with _aside(path, ".mkv") as whole, _aside(path, ".png") as palette, _aside(path, ".gif") as part:
        kept = islice(frames, 0, None, step) if step > 1 else frames
        _encode(kept, path, whole, side, fps=fps / step, codec="ffv1", pix_fmt_out="bgr0", quality=None)
        _ffmpeg("-i", whole, "-vf", f"palettegen=max_colors={GIF_COLOURS}", palette)
        few = "paletteuse=dither=none:diff_mode=rectangle"
        _ffmpeg("-i", whole, "-i", palette, "-lavfi", few, "-loop", "0", part)
        mark.gif(part, whole, mark.text(by))  # the frames in it have served
        os.replace(whole, path)
    size = path.stat().st_size
    if size > GIF_LARGE:
        logger.warning(f"{path} has {size / 1e6:.0f} MB; as .mp4 it would be far smaller.")
    return Film(path, alt)


def write_frames(
    frames: Iterable[np.ndarray], folder: str | Path, extension: str = "jpg", by: str = ""
) -> int:
    """Write frames as 00000.jpg, 00001.jpg, ... while they are drawn; every file there is whole.

    Args:
        frames: of any sizes.
        folder: where to; made if missing.
        extension: "jpg" (quality 92) or "png".
        by: see `write_mp4`.

    Returns:
        How many.

    Example:
        >>> frames = (np.full((16, 16, 3), grey, "uint8") for grey in (0, 100, 200))
        >>> write_frames(frames, "brighter", "png")
        3
        >>> sorted(path.name for path in Path("brighter").iterdir())
        ['00000.png', '00001.png', '00002.png']
    """
    folder, count = Path(folder), 0
    form, options = ("PNG", {}) if extension == "png" else ("JPEG", {"quality": 92})
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{os.getpid()}.part.{extension}"
    try:
        for frame in frames:
            mark.save(picture(frame), aside, form, mark.text(by), **options)
            os.replace(aside, folder / f"{count:05d}.{extension}")
            count += 1
    finally:
        aside.unlink(missing_ok=True)
    return count


def annotate(frame: np.ndarray, lines: Sequence[str], side: int = 256) -> np.ndarray:
    """A frame with some lines of text above it.

    Args:
        frame: enlarged first, by whole steps.
        lines: cut where they are longer than the frame is wide.
        side: that the longer side is enlarged to, about.

    Example:
        >>> annotate(np.zeros((16, 16, 3), "uint8"), ["Smiling"], side=64).shape  # 15 pixels for the line
        (79, 64, 3)
    """
    frame, font = enlarged(frame, side), ImageFont.load_default(size=11)
    width, channels = frame.shape[1:]
    paper = Image.new("L", (width, LINE * len(lines)), 255)
    for i, text in enumerate(lines):
        ImageDraw.Draw(paper).text((2, LINE * i + 1), fitted(text, font, width), 40, font)
    return np.concatenate([np.asarray(paper)[..., None].repeat(channels, axis=2), frame])


def fitted(text: str, font, width: int) -> str:
    """The text, cut where it would be wider than so many pixels.

    Example:
        >>> fitted("Wearing_Necktie", ImageFont.load_default(size=11), 50)
        'Wearing'
    """
    while text and font.getlength(text) > width - 2:
        text = text[:-1]
    return text


def enlarged(frame: np.ndarray, side: int) -> np.ndarray:
    """A frame enlarged by whole steps, so that its longer side has about so many pixels.

    Example:
        >>> enlarged(np.zeros((20, 16, 3), "uint8"), side=64).shape  # three times as large
        (60, 48, 3)
    """
    factor = max(1, round(side / max(frame.shape[:2])))
    return frame.repeat(factor, axis=0).repeat(factor, axis=1) if factor > 1 else frame


def png(image: np.ndarray, by: str = "") -> bytes:
    """One picture as the bytes of a PNG file; `by`: see `write_mp4`.

    Example:
        >>> image = np.full((4, 4, 3), 90, "uint8")
        >>> bool((np.asarray(Image.open(io.BytesIO(png(image)))) == image).all())
        True
    """
    buffer = io.BytesIO()
    mark.save(picture(image), buffer, "PNG", mark.text(by), compress_level=PACKED)
    return buffer.getvalue()


def picture(image: np.ndarray) -> Image.Image:
    """A frame as a Pillow image, L or RGB.

    Example:
        >>> picture(np.zeros((20, 16, 1), "uint8")).size, picture(np.zeros((20, 16, 1), "uint8")).mode
        ((16, 20), 'L')
    """
    return Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)


@contextmanager
def _aside(path: Path, suffix: str) -> Iterator[Path]:
    """A file beside a path, gone at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.stem}.{os.getpid()}.part{suffix}")
    try:
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _encode(frames: Iterable[np.ndarray], path: Path, part: Path, side: int, **options) -> None:
    """Pass frames on to ffmpeg one by one, however many there are; `path` is for messages."""
    import imageio_ffmpeg

    writer, shape = None, None
    try:
        for frame in frames:
            frame = _coloured(enlarged(frame, side))
            if writer is None:
                shape = frame.shape[:2]
                writer = imageio_ffmpeg.write_frames(str(part), shape[::-1], macro_block_size=2, **options)
                writer.send(None)
            if frame.shape[:2] != shape:
                raise FacegenError(f"The frames of {path} differ in size: {shape}, then {frame.shape[:2]}.")
            writer.send(np.ascontiguousarray(frame))
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise FacegenError(f"No frames for {path}: a film needs at least one picture.")


def _coloured(frame: np.ndarray) -> np.ndarray:
    """A frame in colour, with even sides, as H.264 wants them."""
    frame = np.repeat(frame, 3, axis=2) if frame.shape[2] == 1 else frame
    return frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]


def _ffmpeg(*words: str | Path) -> None:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FacegenError(f"ffmpeg failed: {done.stderr.strip().splitlines()[-1:]}")
