"""Download CelebA from Google Drive, or take one's own copies; whatever happens, nothing half looks whole.

A file is made in `.facegen/download/` and gets its name only when its size, its first bytes and its
SHA-256 are those of the published file. What has come when the connection ends, or the process is
killed, is kept there and gone on with.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from facegen.data import googledrive, sources
from facegen.data.sources import Source
from facegen.utils import files
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger

BLOCK = 1 << 20  # bytes


def celeba(folder: str | Path, own: Sequence[str | Path] = (), progress: bool = True) -> None:
    """Bring CelebA into a folder: three tables, and img_align_celeba.zip, which is read as it is.

    Files that are there are checked and kept; of two commands at once the second waits for the first.
    To call this is to accept CelebA's terms (`sources.CELEBA_LICENCE`).

    Args:
        folder: made where it is not there.
        own: copies of CelebA's files, or folders with such, that are taken instead of downloads.
        progress: show progress bars.

    Raises:
        FacegenError: too little space, another file under one of the names, a copy that is not the
            published file; or Google Drive refuses: how to get the files by other means is said before.
    """
    folder = Path(folder)
    staging = folder / ".facegen" / "download"
    try:
        with files.locked(staging, "downloads"):
            failures = _bring(folder, own, staging, progress)
    except OSError as error:  # of either disk, or of a drive that is mounted
        raise FacegenError(
            f"{folder}: {error}. Nothing that is not whole has got its name; the same command goes on."
        ) from error
    if failures:
        logger.warning(_instructions(folder, failures))
        names = ", ".join(source.name for source in failures)
        raise FacegenError(f"{folder}: not everything could be downloaded ({names} missing); see above.")
    logger.info(f"{folder}: CelebA is complete")


def _bring(folder: Path, own: Sequence[str | Path], staging: Path, progress: bool) -> dict[Source, str]:
    """Take or download what is not there yet; returns what could not be had, and why."""
    wanted = [source for source in sources.CELEBA if not _there(folder / source.name, source)]
    there = sum(path.stat().st_size for path in staging.glob("*.part"))
    files.check_space(folder, sum(source.size for source in wanted) - there, "the files that are missing")
    taken = _take(own, folder, wanted, staging, progress)
    left = [source for source in wanted if source not in taken]
    failures = {}
    for source in left:
        part = _part(staging, source)
        if reason := googledrive.fetch(source, part, progress):
            failures[source] = reason
        else:
            _publish(part, folder / source.name)
    return failures


def _there(path: Path, source: Source) -> bool:
    """Whether the file is there; FacegenError where another one has its name."""
    if not path.exists():
        return False
    if fault := source.fault(path):
        raise FacegenError(
            f"{path}: is not the published file ({fault}). Move it away to have it downloaded; or, if you "
            f"mean to use it, leave it and check the set with: facegen data check {path.parent}"
        )
    return True


def _part(staging: Path, source: Source) -> Path:
    """The file that a download is made in, called so that gdown goes on with it: name, 8 letters, .part."""
    return staging / f"{source.name}-resumed.part"


# One's own copies


def _take(
    own: Sequence[str | Path], folder: Path, wanted: Sequence[Source], staging: Path, progress: bool
) -> set[Source]:
    """Take over the wanted files among one's own copies."""
    taken = set()
    for path in map(Path, own):
        if not path.exists():
            raise FacegenError(f"{path}: there is no such file or folder.")
        for source, copy in _copies(path, wanted).items():
            part = _part(staging, source)
            _copy(copy, part, progress)
            if fault := source.fault(part):
                part.unlink()
                raise FacegenError(f"{copy}: is not the published {source.name} ({fault}).")
            _publish(part, folder / source.name)
            taken.add(source)
    return taken


def _copies(path: Path, wanted: Sequence[Source]) -> dict[Source, Path]:
    """The copies of wanted files, whatever they are called; else, for a good message, what is called so."""
    there = [path] if path.is_file() else sorted(filter(Path.is_file, path.iterdir()))
    sizes = {source.size for source in sources.CELEBA}
    likely = [file for file in there if file.stat().st_size in sizes]
    copies = {}
    for source in wanted:
        same = [file for file in likely if not source.fault(file)]
        if copy := next(iter([*same, *(file for file in there if file.name == source.name)]), None):
            copies[source] = copy
    if not likely and not copies:
        names = ", ".join(f"{source.name} ({source.size:,} bytes)" for source in sources.CELEBA)
        raise FacegenError(f"{path}: none of the files of CelebA: {names}.")
    return copies


def _copy(source: Path, target: Path, progress: bool) -> None:
    size = source.stat().st_size
    bar = tqdm(desc=source.name, total=size, unit="B", unit_scale=True, disable=not progress)
    with bar, open(source, "rb") as old, open(target, "wb") as new:
        while block := old.read(BLOCK):
            bar.update(new.write(block))


def _publish(part: Path, path: Path) -> None:
    """Force a complete file to the disk, and give it its name."""
    with open(part, "r+b") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    files.sync_folder(path.parent)


def _instructions(folder: Path, failures: dict[Source, str]) -> str:
    """How to get by other means what Google Drive did not give."""
    lines = [
        "Some files could not be downloaded. What has come is kept; the same command goes on with it.",
        "",
    ]
    for source, reason in failures.items():
        lines += [
            f"{source.name}: {reason}",
            f"    from     {source.address}",
            f"             (in a browser, signed in; or by way of {sources.CELEBA_PAGE})",
            f"    to       {folder / source.name}",
            f"    bytes    {source.size}",
            f"    SHA-256  {source.sha256}",
            "",
        ]
    return "\n".join(
        [
            *lines,
            "Or have a copy that you have anywhere, under any name, checked and put there:",
            f"    facegen data celeba {folder} --accept-licence --from FILE",
            "On Colab, FILE may be in your own Drive, mounted: /content/drive/MyDrive/img_align_celeba.zip",
        ]
    )
