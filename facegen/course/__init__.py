"""What the notebooks share: their beginning, claims, the scale of the work, folders, face sets, models."""

import html
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facegen.data.dataset import FaceSet
from facegen.data.reader import read
from facegen.models import zoo
from facegen.utils import files
from facegen.utils.arrays import evenly
from facegen.utils.errors import FacegenError
from facegen.utils.logging import in_kernel, logger

if TYPE_CHECKING:
    from facegen.models.base import FaceModel

SCALES = ("smoke", "laptop", "gpu")
DRIVE = Path("/content/drive/MyDrive/facegen")  # on Colab, once Google Drive is mounted

MOST = {"smoke": 200, "laptop": 6000, "gpu": 10**9}  # pictures of a real set that a notebook takes

# The clay sets that are made where the real ones are missing.
CLAY = {
    "celeba": {
        "smoke": {"count": 160, "backdrops": "plain"},
        "laptop": {"count": 6000, "backdrops": "plain"},
        "gpu": {"count": 20000, "backdrops": "plain"},
    },
    "rafd": {
        "smoke": {"people": 4, "width": 68},
        "laptop": {"people": 16, "width": 136},
        "gpu": {"people": 57, "width": 340},
    },
}


def scale() -> str:
    """ "smoke" (seconds; the tests), "laptop" (two cores, minutes) or "gpu", as FACEGEN_SCALE says.

    Without it, "laptop": what "gpu" takes has not been measured, so nobody's GPU begins it unasked.

    Raises:
        FacegenError: FACEGEN_SCALE is something else.

    Example:
        >>> os.environ["FACEGEN_SCALE"] = "smoke"
        >>> scale()
        'smoke'
    """
    chosen = os.environ.get("FACEGEN_SCALE") or "laptop"
    if chosen not in SCALES:
        raise FacegenError(f"FACEGEN_SCALE={chosen!r}: expected one of {', '.join(SCALES)}.")
    return chosen


def start(seed: int | None = None) -> str:
    """Begin a notebook, before anything loads TensorFlow: no chatter, one seed, and the scale of the work.

    TensorFlow then tells errors only. At scale "smoke", facegen shows no progress and tells warnings only.

    Args:
        seed: of Python's, NumPy's and Keras's chance, so that the notebook draws the same again; None leaves
            chance alone, and does not load Keras.

    Returns:
        The `scale`: "smoke", "laptop" or "gpu".

    Example:
        >>> os.environ["FACEGEN_SCALE"] = "smoke"
        >>> start()
        'smoke'
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    chosen, on = scale(), ""
    if seed is not None:
        import keras

        keras.utils.set_random_seed(seed)
        on = f", Keras {keras.__version__} on {keras.backend.backend()}"
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # whose import, in a notebook, sets its own
    logger.info(f"scale {chosen}{on}")
    if chosen == "smoke":
        logger.setLevel(logging.WARNING)
    return chosen


class ClaimError(AssertionError):
    """A sentence of a notebook that this run contradicts."""


class Claim:
    """A sentence with what was found, as a notebook shows it: with a tick where it has been judged true.

    Example:
        >>> Claim("smiles are brighter", 0.1666)
        ✓ smiles are brighter: 0.167
        >>> Claim("smiles are brighter", 0.1666, doubt="not judged here")
        ○ smiles are brighter: 0.167 (not judged here)
    """

    def __init__(self, sentence: str, value: object = None, doubt: str = ""):
        number = f"{value:.3g}" if isinstance(value, float | np.floating) else value
        self.text = sentence if value is None else f"{sentence}: {number}"
        self.doubt = doubt

    def __repr__(self) -> str:
        return f"○ {self.text} ({self.doubt})" if self.doubt else f"✓ {self.text}"

    def _repr_html_(self) -> str:
        return f"<div>{html.escape(repr(self))}</div>"


def claim(sentence: str, holds: bool, value: object = None, on: FaceSet | bool = True) -> None:
    """Check a sentence of the notebook, and show it with a tick and with what was found.

    Args:
        sentence: that is claimed.
        holds: whether this run agrees.
        value: the number or words that `holds` was judged by.
        on: the faces that it is about, where it needs a training on clay that is long enough: on photographs,
            or at scale "smoke", it is shown as not judged, and passes. Or whether it can be judged at all.

    Raises:
        ClaimError: it can be judged, and does not hold; the notebook ends there.

    Example:
        >>> claim("a sum does not depend on the order", 1 + 2 == 2 + 1)
        >>> claim("halves are larger than thirds", 1 / 2 < 1 / 3, 1 / 2 - 1 / 3)
        Traceback (most recent call last):
        ...
        facegen.course.ClaimError: This run says otherwise: halves are larger than thirds: 0.167
    """
    made = Claim(sentence, value, _doubt(on))
    if not (holds or made.doubt):
        raise ClaimError(f"This run says otherwise: {made.text}")
    show(made)


def show(made: object) -> None:
    """Show a claim or a verdict: in a notebook below its cell, elsewhere as a line of facegen's log.

    Example:
        >>> show(Claim("smiles are brighter")) is None
        True
    """
    if in_kernel():
        from IPython.display import display

        display(made)
    else:
        logger.info(made)


def _doubt(on: FaceSet | bool) -> str:
    """Why a claim about these cannot be judged here, "" where it can."""
    if not isinstance(on, FaceSet):
        return "" if on else "not judged here"
    if scale() == "smoke":
        return "not judged at scale smoke, which hardly trains"
    return "" if is_clay(on) else "not judged: it was checked on clay, and these are photographs"


def root() -> Path:
    """The course's checkout, or the working folder where there is none.

    Example:
        >>> root() in (zoo.checkout(), Path.cwd())
        True
    """
    return zoo.checkout() or Path.cwd()


def data() -> Path:
    """Where face sets lie: FACEGEN_DATA, or `data/` of the checkout.

    Example:
        >>> os.environ["FACEGEN_DATA"] = "sets"
        >>> data().as_posix()
        'sets'
    """
    return Path(os.environ.get("FACEGEN_DATA") or root() / "data")


def build() -> Path:
    """Where everything that can be made again goes: FACEGEN_BUILD, or `build/` of the checkout.

    On Colab with Google Drive mounted, its folder `facegen`: trainings then outlive the runtime, and the
    same cells go on from their checkpoints in the next one.

    Example:
        >>> os.environ["FACEGEN_BUILD"] = "made"
        >>> build().as_posix()
        'made'
    """
    if chosen := os.environ.get("FACEGEN_BUILD"):
        return Path(chosen)
    return DRIVE / "build" if DRIVE.parent.is_dir() else root() / "build"


def folder(kind: str) -> Path:
    """Where one kind of thing is kept that notebooks make: "runs", "films", ..., each scale's apart.

    Example:
        >>> os.environ.update(FACEGEN_BUILD="build", FACEGEN_SCALE="smoke")
        >>> folder("films").as_posix()
        'build/films/smoke'
    """
    return build() / kind / scale()


def run(name: str) -> Path:
    """The folder of one training at the present scale.

    Example:
        >>> os.environ.update(FACEGEN_BUILD="build", FACEGEN_SCALE="smoke")
        >>> run("gan").as_posix()
        'build/runs/smoke/gan'
    """
    return folder("runs") / name


def model(name: str) -> Path:
    """The bundle that a training has left, or else the one that comes with the course.

    Raises:
        FacegenError: there is neither.

    Example:
        >>> model("gan").name  # nothing has been trained here
        'clay-gan'
    """
    own, made = run(name) / "model", zoo.shipped() / f"clay-{name}"
    for folder in (own, made):
        if (folder / "model.json").is_file():
            return folder
    raise FacegenError(f"No trained model {name!r}: neither in {own} nor in {made}. Run its notebook first.")


def trained(name: str, faces: FaceSet, size: tuple[int, int], epochs: int = 1) -> "FaceModel | None":
    """The network that another notebook has trained to draw such faces, or None where there is none.

    Args:
        name: of that training.
        faces: one for people or conditions of other names does not count.
        size: height and width of its pictures in pixels; neither does one of others.
        epochs: how many it has learned at least; neither does one that was stopped before.

    Example:
        >>> drawn = facegen.clay.rafd("lab", people=1, angles=[90], width=16, progress=False)
        >>> trained("deconv", facegen.read(drawn), (24, 16)) is None  # nothing has been trained here
        True
    """
    own = run(name) / "model"
    if not (own / "model.json").is_file():
        return None
    try:
        model = zoo.load(own)
    except FacegenError as error:
        logger.warning(f"{error} It is passed over here.")
        return None
    names = {condition: [*columns] for condition, columns in faces.names.items()}
    fits = (model.names, model.image_shape[:2]) == (names, size)
    return model if fits and model.card.get("epochs", 0) >= epochs else None


def network(name: str, kind: str, shipped: str) -> str | Path:
    """The trained model that goes with this course's faces, for `load`.

    Args:
        name: of the training that a notebook has done.
        kind: the faces, see `faces`.
        shipped: the model that comes with the course, which knows clay.

    Returns:
        What was trained here where there are photographs and it has been trained; else `shipped`.

    Example:
        >>> network("gan", "celeba", shipped="clay-gan")  # nothing has been trained here
        'clay-gan'
    """
    own = run(name) / "model"
    return own if (data() / kind).is_dir() and (own / "model.json").is_file() else shipped


def faces(kind: str, **options) -> FaceSet:
    """The "celeba" or "rafd" faces of this course: the real set if it is in `data/`, else clay.

    Of a real set, as many pictures are taken as the present scale can learn from. Clay is drawn on
    demand, at the size of the present scale, into a folder of that scale; a whole set of clay that
    is there is taken as it is.

    Args:
        kind: "celeba" or "rafd".
        **options: of the reader, see `facegen.read`.

    Raises:
        FacegenError: another kind, or a set that cannot be read.

    Example:
        >>> os.environ["FACEGEN_DATA"] = "."
        >>> faces("celeba")
        <FaceSet celeba: 8 faces of celeba (5 train, 1 validation, 2 test); attributes 40>
    """
    if kind not in CLAY:
        raise FacegenError(f"There is no course set {kind!r}: expected 'celeba' or 'rafd'.")
    size = scale()
    real, made = data() / kind, data() / (f"clay-{kind}" if size == "laptop" else f"clay-{kind}-{size}")
    if real.is_dir():
        return subsample(read(real, **options), MOST[size])
    _draw(kind, made)
    _tell_if_other(kind, made)
    return read(made, **options)


def _draw(kind: str, folder: Path) -> None:
    """Draw the clay of the present scale where it is missing; of two processes one draws."""
    from facegen import clay

    if clay.complete(folder):
        return
    with files.locked(folder.parent / ".facegen", "draws clay", needed=False):
        if not clay.complete(folder):
            {"celeba": clay.celeba, "rafd": clay.rafd}[kind](folder, **CLAY[kind][scale()])


def _tell_if_other(kind: str, folder: Path) -> None:
    """Warn of a set of clay that is taken as it is, and is not the course's."""
    from facegen.clay import as_rafd, writer

    note = writer.read_note(folder)
    noted = {**note["fixed"], **note["extent"]}
    ours = {"look": writer.RENDERER_VERSION, "format": kind, "seed": 0, **CLAY[kind][scale()]}
    usual = {"label_noise": 0.0}
    if kind == "rafd":
        usual = {"children": False, "gazes": ["frontal"], "angles": sorted(map(float, as_rafd.ANGLES))}
    ours = {name: [*x] if isinstance(x, tuple) else x for name, x in {**usual, **ours}.items()}
    others = [
        f"{name} {writer.brief(noted.get(name))}, not {writer.brief(ours.get(name))}"
        for name in {**ours, **noted}
        if noted.get(name) != ours.get(name)
    ]
    if others:
        logger.warning(
            f"{folder} is another set than the course draws at scale {scale()}: {'; '.join(others)}. It is "
            "taken as it is, and what notebooks say of theirs may not hold. Rename it, and theirs is drawn."
        )


def subsample(faces: FaceSet, most: int) -> FaceSet:
    """At most so many faces, spread evenly over the set, so that every partition keeps its share.

    Example:
        >>> subsample(read("celeba"), most=3)
        <FaceSet celeba: 3 faces of celeba (2 train, 1 test); attributes 40>
    """
    if len(faces) <= most:
        return faces
    return faces.select(evenly(len(faces), most))


def is_clay(faces: FaceSet) -> bool:
    """Whether these are the course's own toy people, for whom the truth can be drawn.

    Example:
        >>> is_clay(read("celeba"))
        False
    """
    from facegen.clay import writer

    return faces.root.is_dir() and writer.read_note(faces.root) is not None


def clay_views(
    faces: FaceSet,
    identity: str,
    emotion: str | Mapping[str, float],
    angles: Sequence[float],
    size: tuple[int, int],
) -> np.ndarray:
    """The truth that a photograph cannot give: one clay person at any angle, as the set would show it.

    Args:
        faces: a set of clay in RaFD's format.
        identity: of the person, as the set names them.
        emotion: one of the set, or a mixture of them {name: weight}; half of two is the face half-way.
        angles: in degrees, 0 is frontal, -90 and 90 are the profiles.
        size: (height, width) of the pictures.

    Returns:
        uint8 (angles, height, width, 3).

    Example:
        >>> from facegen import clay
        >>> made = read(clay.rafd("clay", people=1, angles=[0], width=68, progress=False))
        >>> clay_views(made, "01", "happy", [-45, 0, 45], size=(24, 16)).shape
        (3, 24, 16, 3)
    """
    from facegen.metrics.ground_truth import true_views

    return true_views(faces, [(identity, emotion, angle) for angle in angles], size, progress=False)
