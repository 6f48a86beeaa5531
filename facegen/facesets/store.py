"""Where pictures lie: a folder or a .zip archive, listed and read in the same way.

A picture's name is its path below the root, "/" between folders, or its member name in the archive.
"""

import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from facegen.errors import FacegenError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".pgm", ".ppm")
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM", "GIF")  # others of Pillow start programs
DEPTH = 2  # folders below the root that are looked into
LARGEST = Image.MAX_IMAGE_PIXELS  # 89 million pixels; what claims to have more may be made to fill memory
HEAVIEST = 256 << 20  # bytes of a picture's file; an archive may claim any number
USUAL = 1 << 20  # bytes that most files have not
MEMBERS = 2_000_000  # of an archive: ten times CelebA's
ROOMY = 4 << 30  # bytes that an archive may claim to unpack to, however small it is
RATIO = 100  # times its size that a larger one may claim; pictures hardly shrink
ASIDE = ".quarantine"  # folder of pictures set aside: they, and their rows, are no part of the set
WEB_PAGE = "is a web page saved under this name (Google Drive does that when its quota is used up)"


class Broken(FacegenError):
    """A picture that is not whole; the message names it."""


def is_picture(name: str) -> bool:
    """Whether a file's name is that of a picture.

    Hidden files, as macOS adds them, are none; nor are names that lead out of an archive.
    """
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden and not path.is_absolute()


def pictures(root: Path) -> list[str]:
    """The names of all pictures in a folder, down to two folders below it, or in an archive; sorted."""
    return [*filter(is_picture, files(root))]


def files(root: Path) -> list[str]:
    """The names of all files there, likewise."""
    return sorted(_archive(root).namelist() if root.suffix.lower() == ".zip" else _walk(root, "", DEPTH))


def aside(root: Path) -> list[str]:
    """The names of pictures that were moved into the quarantine of a folder, as they were before."""
    folder = root / ASIDE
    return sorted(filter(is_picture, _walk(folder, "", 9))) if folder.is_dir() else []


def _walk(folder: Path | str, prefix: str, depth: int) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():  # neither a pipe, which would be waited for, nor a link to nothing
                yield prefix + entry.name
            elif depth and entry.is_dir() and not entry.name.startswith("."):
                yield from _walk(entry.path, f"{prefix}{entry.name}/", depth - 1)


def stamps(root: Path, names: Sequence[str]) -> np.ndarray:
    """What tells that a picture is still the same, without reading it: int64 (n, 2).

    Column 0 is its size in bytes, column 1 its time of change in ns or, in an archive, its CRC.

    Raises:
        FacegenError: one of the pictures is not there any more.
    """
    if root.suffix.lower() == ".zip":
        members = map(_archive(root).getinfo, names)
        pairs = ((member.file_size, member.CRC) for member in members)
    else:
        pairs = (_stamp(f"{root}/{name}") for name in names)
    return np.fromiter(pairs, np.dtype((np.int64, 2)), len(names))


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError as error:
        raise FacegenError(f"{path}: the picture is not there any more; read the set again.") from error
    return status.st_size, status.st_mtime_ns


def data(root: Path, name: str) -> bytes:
    """The bytes of one picture; `Broken`, naming it, where they cannot be read or are far too many."""
    try:
        archived = root.suffix.lower() == ".zip"
        with _archive(root).open(name) if archived else open(root / name, "rb") as file:
            content = file.read(USUAL)  # asking for more takes that much memory for a moment
            content += file.read(HEAVIEST + 1 - USUAL) if len(content) == USUAL else b""
    except FacegenError:
        raise
    except Exception as error:  # the file system's, zipfile's and zlib's are of many kinds
        raise Broken(f"{root / name}: cannot be read ({error}).") from error
    if len(content) > HEAVIEST:
        raise Broken(f"{root / name}: has more than {HEAVIEST >> 20} MB.")
    return content


def decode(
    content: bytes,
    name: str,
    mode: str,
    shrink: Callable[[int, int], float] | None = None,
    look: Callable[[Image.Image], None] | None = None,
) -> Image.Image:
    """Decode a picture and turn it upright.

    Args:
        content: of the file.
        name: of the file, for the message.
        mode: "RGB" or "L".
        shrink: (width, height) of the upright picture -> how many times smaller it may be decoded.
            A JPEG then comes at 1/2, 1/4 or 1/8 of its size, where that is allowed.
        look: is shown the picture as it is in the file, before it is decoded.

    Raises:
        Broken: no picture, only a part of one, or more pixels than anybody would want.
    """
    if complaint := _complaint(content):
        raise Broken(f"{name}: {complaint}.")
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > LARGEST:
            raise Image.DecompressionBombError(f"{picture.width} x {picture.height}")
        if look:
            look(picture)
        turned = picture.getexif().get(ExifTags.Base.Orientation, 1)
        if shrink:
            factor = shrink(*(picture.size[::-1] if turned >= 5 else picture.size))
            picture.draft(mode, (picture.width / factor, picture.height / factor))
        picture.load()
        if turned != 1 or picture.format != "JPEG":  # others may say so behind their pixels
            ImageOps.exif_transpose(picture, in_place=True)
        picture = _eight_bits(picture)
        return picture if picture.mode == mode else picture.convert(mode)
    except UnidentifiedImageError as error:
        raise Broken(f"{name}: is no picture of a known format.") from error
    except Image.DecompressionBombError as error:
        raise Broken(f"{name}: claims to have more than {LARGEST:,} pixels ({error}).") from error
    except Exception as error:  # Pillow's decoders fail in many ways: each says that the file is broken
        raise Broken(f"{name}: is no whole picture ({error}).") from error


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A picture of 16 bits a channel, which Pillow would turn white, as one of 8; others as they are."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    values = np.asarray(picture)
    if picture.mode == "F" or values.min() < 0 or values.max() > 0xFFFF:
        raise ValueError("its numbers are not of 8 or 16 bits")
    return Image.fromarray((values.astype(np.uint16) >> 8).astype(np.uint8))


def _complaint(content: bytes) -> str | None:
    """What is wrong with a file that is plainly no picture."""
    if not content:
        return "is empty (0 bytes)"
    return WEB_PAGE if is_page(content) else None


def is_page(content: bytes) -> bool:
    """Whether the beginning of a file is that of a web page."""
    return content[:256].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _archive(path: Path) -> zipfile.ZipFile:
    """The open archive. Its table of contents is read once (1.5 s for 202,599 members), and not believed."""
    try:
        status = os.stat(path)
        with _lock:
            return _opened(path, status.st_size, status.st_mtime_ns, os.getpid())
    except (OSError, zipfile.BadZipFile) as error:
        with open(path, "rb") if path.is_file() else io.BytesIO(b"?") as file:
            reason = _complaint(file.read(256)) or f"is not a whole zip archive ({error})"
        raise FacegenError(f"{path}: {reason}; download it again.") from error


_lock = threading.Lock()


@lru_cache(maxsize=2)
def _opened(path: Path, size: int, changed: int, process: int) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(path)
    members = archive.infolist()
    claimed = sum(member.file_size for member in members)
    if len(members) > MEMBERS or claimed > max(ROOMY, RATIO * size):
        archive.close()
        raise FacegenError(
            f"{path}: claims {len(members):,} files of {claimed / 1e9:,.1f} GB in {size / 1e6:,.1f} MB; "
            "that is no archive of pictures, but one made to fill disks."
        )
    return archive
