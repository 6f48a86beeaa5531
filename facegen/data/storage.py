"""Where pictures lie: a folder or a .zip archive, listed and read in the same way.

A picture's name is its path below the root, "/" between folders, or its member name in the archive.
"""

import io
import os
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from facegen.utils.errors import FacegenError

SUFFIXES = (
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".webp",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".pgm",
    ".ppm",
)
SUFFIXES += (".heic", ".heif")  # with pillow-heif; without it they are refused, and the reason is said
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM", "GIF")  # others of Pillow start programs
DEPTH = 5  # folders below the root that are looked into
LARGEST = Image.MAX_IMAGE_PIXELS  # 89 million pixels; what claims to have more may be made to fill memory
HEAVIEST = 256 << 20  # bytes of a picture's file; an archive may claim any number
USUAL = 1 << 20  # bytes that most files have not
MEMBERS = 2_000_000  # of an archive: ten times CelebA's
ROOMY = 4 << 30  # bytes that an archive may claim to unpack to, however small it is
RATIO = 100  # times its size that a larger one may claim; pictures hardly shrink
PACKED = re.compile(r"\.(7z|rar|tar|tgz|tbz2|txz|gz|bz2|xz|zst)(\.\d+)?$", re.IGNORECASE)  # not read
ASIDE = ".quarantine"  # folder of pictures set aside: they, and their rows, are no part of the set
WEB_PAGE = "is a web page saved under this name (Google Drive does that when its quota is used up)"


class CorruptImage(FacegenError):
    """A picture that is not whole; the message names it."""


def is_picture(name: str) -> bool:
    """Whether a file's name is that of a picture.

    Hidden files, as macOS adds them, are none; nor are names that lead out of an archive.
    """
    path = name.removeprefix("./")  # as text: CelebA has 202,599 names
    outside = path.startswith((".", "/", "__MACOSX")) or "/." in path or "/__MACOSX" in path
    return not outside and path.lower().endswith(SUFFIXES)


def pictures(root: Path) -> list[str]:
    """The names of all pictures in a folder, down to `DEPTH` folders below it, or in an archive; sorted.

    The folders of our own trainings are passed over, with the sample sheets in them.
    """
    return [*filter(is_picture, files(root))]


def files(root: Path) -> list[str]:
    """The names of all files there, likewise."""
    return sorted({*_archive(root).namelist()} if is_archive(root) else _walk(root, "", DEPTH))


def is_archive(root: Path) -> bool:
    """Whether pictures lie in a .zip."""
    return root.suffix.lower() == ".zip"


def exists(root: Path, name: str) -> bool:
    """Whether there is a file of this name."""
    return name in _archive(root).NameToInfo if is_archive(root) else (root / name).is_file()


def packed(root: Path) -> str:
    """What to do about an archive there that is not read ("": there is none)."""
    if found := [name for name in files(root) if PACKED.search(name)]:
        return f"{found[0]} is an archive of a kind that is not read: unpack it there"
    inner = [name for name in files(root) if name.lower().endswith(".zip")] if is_archive(root) else ()
    return f"{inner[0]} is an archive in an archive: unpack {root.name}" if inner else ""


def why_not(root: Path, name: str) -> str:
    """Why a name is none of `pictures`, where that can be seen ("": it cannot)."""
    place = root / name
    if "\0" in name or is_archive(root) or not os.path.lexists(place):
        return ""
    if not place.exists():
        return f"{name} is a link to {os.readlink(place)}, which is not there"
    if PurePosixPath(name).suffix.lower() not in SUFFIXES:
        return f"{name} is of a kind that is not read: convert it to JPEG or PNG"
    if len(PurePosixPath(name).parts) > DEPTH + 1:
        return f"{name} lies deeper than {DEPTH} folders below {root}"
    return f"{name} is there, but is hidden, no file, or in the folder of a training"


def quarantined(root: Path) -> list[str]:
    """The names of pictures that were moved into the quarantine of a folder, as they were before."""
    folder = root / ASIDE
    return sorted(filter(is_picture, _walk(folder, "", 9))) if folder.is_dir() else []


def _walk(folder: Path | str, prefix: str, depth: int, above: tuple[str, ...] = ()) -> Iterator[str]:
    real = os.path.realpath(folder)
    if real in above:  # a link led back: every picture would be found again
        return
    with os.scandir(folder) as found:
        entries = [*found]
    if prefix and _is_training({entry.name for entry in entries}):
        return
    for entry in entries:
        if entry.is_file():  # neither a pipe, which would be waited for, nor a link to nothing
            yield prefix + entry.name
        elif depth and entry.is_dir() and not entry.name.startswith("."):
            yield from _walk(entry.path, f"{prefix}{entry.name}/", depth - 1, (*above, real))


def _is_training(names: set[str]) -> bool:
    """Whether these are the files of a training's folder, or of a model's."""
    return names >= {"model.json", "weights.npz"} or (
        "checkpoints" in names and not names.isdisjoint({"lock", "log.csv", "samples"})
    )


def stamps(root: Path, names: Sequence[str]) -> np.ndarray:
    """What tells that a picture is still the same, without reading it: int64 (n, 2).

    Column 0 is its size in bytes, column 1 its time of change in ns or, in an archive, its CRC.

    Raises:
        FacegenError: one of the pictures is not there any more.
    """
    if is_archive(root):
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
        with _archive(root).open(name) if is_archive(root) else open(root / name, "rb") as file:
            content = file.read(USUAL)  # asking for more takes that much memory for a moment
            content += file.read(HEAVIEST + 1 - USUAL) if len(content) == USUAL else b""
    except FacegenError:
        raise
    except Exception as error:  # the file system's, zipfile's and zlib's are of many kinds
        raise CorruptImage(f"{root / name}: cannot be read ({error}).") from error
    if len(content) > HEAVIEST:
        raise CorruptImage(f"{root / name}: has more than {HEAVIEST >> 20} MB.")
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
        raise CorruptImage(f"{name}: {complaint}.")
    try:
        picture = Image.open(io.BytesIO(content), formats=(*FORMATS, *(["HEIF"] if is_heic(content) else [])))
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
        picture = _opaque(_eight_bits(picture))
        return picture if picture.mode == mode else picture.convert(mode)
    except UnidentifiedImageError as error:
        raise CorruptImage(f"{name}: is no picture of a known format.") from error
    except Image.DecompressionBombError as error:
        raise CorruptImage(f"{name}: claims to have more than {LARGEST:,} pixels ({error}).") from error
    except Exception as error:  # Pillow's decoders fail in many ways: each says that the file is broken
        raise CorruptImage(f"{name}: is no whole picture ({error}).") from error


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A picture of 16 bits a channel, which Pillow would turn white, as one of 8; others as they are."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    values = np.asarray(picture)
    if picture.mode == "F" or values.min() < 0 or values.max() > 0xFFFF:
        raise ValueError("its numbers are not of 8 or 16 bits")
    return Image.fromarray((values.astype(np.uint16) >> 8).astype(np.uint8))


def _opaque(picture: Image.Image) -> Image.Image:
    """A picture with transparent parts before white; others as they are."""
    if not picture.has_transparency_data:
        return picture
    front = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", front.size, "white"), front).convert("RGB")


def is_heic(content: bytes) -> bool:
    """Whether the beginning of a file is that of a telephone's HEIC picture."""
    return content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")


def _reads_heic() -> bool:
    """Whether Pillow reads HEIC here, by a plugin that somebody has installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


def _complaint(content: bytes) -> str | None:
    """What is wrong with a file that is plainly no picture, or none that can be read here."""
    if not content:
        return "is empty (0 bytes)"
    if is_heic(content) and not _reads_heic():
        return "is a HEIC picture: pip install pillow-heif, or convert it to JPEG"
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
    for member in members:  # some of Windows' programs write a\b.jpg
        member.filename = member.filename.replace("\\", "/")
    archive.NameToInfo = {member.filename: member for member in members}
    claimed = sum(member.file_size for member in members)
    if len(members) > MEMBERS or claimed > max(ROOMY, RATIO * size):
        archive.close()
        raise FacegenError(
            f"{path}: claims {len(members):,} files of {claimed / 1e9:,.1f} GB in {size / 1e6:,.1f} MB; "
            "that is no archive of pictures, but one made to fill disks."
        )
    return archive
