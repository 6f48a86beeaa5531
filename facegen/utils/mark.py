"""The mark of a synthetic picture: its metadata say that nobody real is shown, and what drew it.

PNG: the texts Description and Software. JPEG: ImageDescription and Software of its EXIF. GIF: a comment. MP4:
the comment of the film. Whoever copies pixels loses it; whoever passes on the file does not.
"""

import shutil
import subprocess
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image, PngImagePlugin

from facegen import __version__

SYNTHETIC = "Synthetic picture, nobody real is shown: drawn by"
GIF_BLOCK = 255  # bytes of a comment in a row


def text(by: str = "") -> str:
    """What a file says of itself.

    Args:
        by: the model that drew it; where that is not known, it was facegen.

    Example:
        >>> text("clay-gan").rpartition(" ")[0]
        'Synthetic picture, nobody real is shown: drawn by clay-gan, facegen'
    """
    return f"{SYNTHETIC} {by + ', ' if by else ''}facegen {__version__}."


def save(image: Image.Image, file: BinaryIO | Path, form: str, says: str, **options) -> None:
    """Write a picture with its mark.

    Args:
        image: the picture.
        file: where to.
        form: "PNG" or "JPEG".
        says: see `text`.
        **options: of Pillow for that format, such as quality.

    Example:
        >>> import io
        >>> buffer = io.BytesIO()
        >>> save(Image.new("RGB", (4, 4)), buffer, "JPEG", "drawn", quality=90)
        >>> read(buffer)
        'drawn'
    """
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("Description", says)
        info.add_text("Software", f"facegen {__version__}")
        image.save(file, form, pnginfo=info, **options)
    else:
        exif = Image.Exif()
        exif[ExifTags.Base.ImageDescription] = says
        exif[ExifTags.Base.Software] = "facegen"
        image.save(file, form, exif=exif, **options)


def film_options(says: str) -> list[str]:
    """The words that make ffmpeg write the mark into an MP4 file.

    Example:
        >>> film_options("drawn by clay")
        ['-metadata', 'comment=drawn by clay']
    """
    return ["-metadata", f"comment={says}"]


def gif(source: Path, target: Path, says: str) -> None:
    """Copy a GIF with the mark as its comment, put before the first frame.

    Example:
        >>> Image.new("RGB", (4, 4)).save("old.gif")
        >>> gif(Path("old.gif"), Path("new.gif"), "drawn")
        >>> read(Path("new.gif"))
        'drawn'
    """
    words = says.encode()
    blocks = [words[i : i + GIF_BLOCK] for i in range(0, len(words), GIF_BLOCK)]
    with open(source, "rb") as old, open(target, "wb") as new:
        head = old.read(13)  # signature, then size, flags, background, aspect
        colours = 3 << ((head[10] & 7) + 1) if head[10] & 0x80 else 0
        new.write(b"GIF89a" + head[6:] + old.read(colours))
        new.write(b"\x21\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0")
        shutil.copyfileobj(old, new)


def read(file: BinaryIO | Path) -> str | None:
    """What a picture or film says of itself; None if nothing.

    Example:
        >>> dot = Image.new("RGB", (1, 1))
        >>> save(dot, Path("marked.png"), "PNG", "drawn")
        >>> dot.save("plain.png")
        >>> read(Path("marked.png")), read(Path("plain.png"))
        ('drawn', None)
    """
    if isinstance(file, Path) and file.suffix == ".mp4":
        return _comment(file)
    with Image.open(file) as image:
        found = image.info.get("Description") or image.info.get("comment")
        found = found or image.getexif().get(ExifTags.Base.ImageDescription)
    return found.decode() if isinstance(found, bytes) else found


def _comment(film: Path) -> str | None:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(film), "-f", "ffmetadata", "-"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return next((line.removeprefix("comment=") for line in lines if line.startswith("comment=")), None)
