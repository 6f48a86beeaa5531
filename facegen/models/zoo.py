"""The trained models that come with the course, and any other by its folder."""

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from facegen.utils.errors import FacegenError

if TYPE_CHECKING:
    from facegen.models.base import FaceModel


def find(model: str | Path) -> Path:
    """The folder of a trained model.

    Args:
        model: the name of one that comes with the course ("clay-gan"), its folder, or that of its training.

    Raises:
        FacegenError: there is no such name and no such folder.

    Example:
        >>> find("clay-gan").name
        'clay-gan'
    """
    path = Path(model)
    places = [path, path / "model", *([shipped() / path] if path.name == str(model) else [])]
    whole = [folder for folder in places if (folder / "model.json").is_file()]
    for folder in [*whole, *places]:  # one that lacks the file is damaged: loading it will say so
        if folder.is_dir():
            return folder
    names = sorted(folder.name for folder in shipped().glob("*") if (folder / "model.json").is_file())
    known = f", or one of {', '.join(names)}, which come with the course" if names else ""
    raise FacegenError(f"{model} is no trained model: expected a folder with model.json in it{known}.")


def load(model: str | Path) -> "FaceModel":
    """A trained model: one that comes with the course, by its name, or any, by its folder.

    Args:
        model: see `find`.

    Raises:
        FacegenError: there is none, or it is damaged, incomplete, or of a newer facegen.

    Example:
        >>> model = load("clay-gan")
        >>> model.title, model.image_shape, len(model.names["attributes"])
        ('clay-gan', (64, 64, 3), 40)
    """
    from facegen.models import saving

    return saving.load(find(model))


def checkout() -> Path | None:
    """The course's checkout, None where facegen is installed without one."""
    folder = Path(__file__).resolve().parents[2]
    return folder if (folder / "notebooks").is_dir() else None


def shipped(kind: str = "models") -> Path:
    """Where the "models" or the "params" lie that come with the course: in the checkout, or installed."""
    if home := checkout():
        return home / kind
    beside = Path(__file__).resolve().parents[2] / "share" / "facegen" / kind  # pip install --target
    if not beside.is_dir():
        for file in _installed_files():
            _, found, rest = file.as_posix().partition(f"share/facegen/{kind}/")
            if found:
                return Path(file.locate()).resolve().parents[rest.count("/")]
    return beside


def _installed_files() -> Sequence[metadata.PackagePath]:
    try:
        return metadata.files("facegen") or ()
    except metadata.PackageNotFoundError:
        return ()
