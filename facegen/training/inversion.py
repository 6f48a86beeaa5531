"""Inversion: what has to be asked of a model for it to draw a given picture?

Gradient descent on the inputs of a generator whose weights stay as they are (Lipton & Tripathi, arXiv
1702.04782; Zhu et al., arXiv 1609.03552; a survey: Xia et al., arXiv 2101.05278), begun where a beam search
ends, since a step from one person to another, or from profile to profile, leads over hills. A flow needs no
search for its noise: it is run backwards, and descent only makes up for the few steps that it draws with.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import keras
import numpy as np
from keras import ops

from facegen.conditions.base import Kind
from facegen.conditions.keys import NOISE
from facegen.conditions.kinds import Angle, Binary, Mixture
from facegen.conditions.latent import latent
from facegen.conditions.words import Word
from facegen.data.dataset import WHOLE
from facegen.data.picture import Picture, load_picture
from facegen.data.pixels import Box
from facegen.metrics.image_quality import psnr
from facegen.models.base import FaceModel
from facegen.models.flow import Flow
from facegen.training.relaxation import Normal, relaxation
from facegen.utils.errors import FacegenError
from facegen.utils.logging import logger
from facegen.utils.progress import bar

Rows = dict[str, np.ndarray]
Tell = Callable[[float, float], None]
STARTS = 4  # rows that are refined together, of which the best one goes on
FIRST, STEPS = 30, 180  # steps of all starts; of these and of the best one, at most
RATE = 0.1  # of Adam, at first: halved whenever `PATIENCE` steps have brought too little, `HALVINGS` times
NOISE_RATE = 0.004  # of a flow's noise: of thousands of numbers, each has to move little
PATIENCE, HALVINGS, GAIN = 8, 4, 0.01  # steps; times; share of the error that they have to take away
ENOUGH = 1e-5  # mean squared error of pixels from 0 to 1 that nobody sees: 50 decibels
PRIOR = 1e-3  # of the noise's prior beside the error
FAINT = 0.02  # a mixture's weights below this are left out
BATCH = 32  # pictures drawn at once


@dataclass(frozen=True)
class Inversion:
    """What was found for a picture.

    Attributes:
        inputs: what `model.draw` takes, each float32 (1, columns).
        words: the conditions, rounded: what `model.generate` takes.
        image: what the model draws for the inputs, uint8 (height, width, channels).
        target: the picture as the model was asked for it: cropped and resized.
        psnr: how near they are to each other, in decibels, 99 at most.
    """

    inputs: Rows
    words: dict[str, Word]
    image: np.ndarray
    target: np.ndarray
    psnr: float

    @property
    def parameters(self) -> dict:
        """The content of a parameter file that asks for it."""
        noise = {name: np.round(row[0], 3).tolist() for name, row in self.inputs.items() if name == NOISE}
        return {"mode": "single", "conditions": {**self.words, **noise}}


def invert(
    model: FaceModel,
    picture: Picture,
    seed: int = 0,
    crop: Box = WHOLE,
    known: Mapping[str, Word] | None = None,
    starts: int = STARTS,
    steps: int = STEPS,
    progress: bool = True,
    tell: Tell | None = None,
) -> Inversion:
    """Find the conditions, and the noise, with which a model draws a picture most nearly.

    An interrupt (Ctrl-C, or the stop button of a notebook) ends the search with the best that was found.

    Args:
        model: any; its weights stay as they are.
        picture: of a face that lies as in the pictures that the model learned from; see `load_picture`.
        seed: of noise and rows of attributes to start from.
        crop: the part of the picture that shows the face, in fractions; see `load_picture`.
        known: words of conditions that are known, and stay; attributes that they leave out are off. Tell a
            flow what a picture shows that you want to edit: of forty attributes it reads many wrong.
        starts: how many rows are refined together.
        steps: of gradient descent, at most: it ends by itself where they bring nothing more.
        progress: show a progress bar.
        tell: is called after each step with the share of the work that is done, and the best PSNR so far.

    Raises:
        FacegenError: there is no such picture, it is not whole, or the model has no such condition.

    Example:
        >>> from facegen.models import Deconv
        >>> names = {"emotion": ["happy", "sad"], "orientation": ["sin", "cos"]}
        >>> model = Deconv(names, start=(5, 4), depth=1, kernels=[4], dense=8)
        >>> picture = model.generate(emotion="sad", orientation=30)[0]
        >>> found = invert(model, picture, steps=4, progress=False)
        >>> found.inputs["emotion"].shape, found.image.shape, [*found.words]
        ((1, 2), (20, 16, 3), ['emotion', 'orientation'])
    """
    target = load_picture(picture, model.image_shape, crop)
    kinds, random = input_kinds(model), np.random.default_rng(seed)
    known = _rows_of(known or {}, model.kinds())
    order = trial_order({name: kind for name, kind in kinds.items() if name not in known})
    best, least = {}, np.inf
    with bar(len(order) + steps, "looking", "step", show=progress) as shown:
        try:
            search = _search(model, target, kinds, known, order, random, starts, steps)
            for done, (rows, error) in enumerate(search, 1):
                best, least = (rows, error) if error < least else (best, least)
                shown.update()
                if tell:
                    tell(done / shown.total, -10 * np.log10(max(least, 1e-12)))
                if least < ENOUGH:
                    break
        except KeyboardInterrupt:
            if not best:
                raise
            logger.warning("Interrupted: this is the best that was found until then.")
    return _inversion(model, kinds, best, target)


def input_kinds(model: FaceModel) -> dict[str, Kind]:
    """What each input of a model means: its conditions, and its noise where it has any.

    Example:
        >>> from facegen.models import GAN
        >>> model = GAN({"attributes": ["Male"]}, size=16, width=2, discriminator_width=2)
        >>> {name: type(kind).__name__ for name, kind in input_kinds(model).items()}
        {'attributes': 'Binary', 'noise': 'Latent'}
    """
    noise = {NOISE: latent(model.sample_noise)} if NOISE in model.generator.input else {}
    return model.kinds() | noise


def trial_order(kinds: Mapping[str, Kind]) -> list[str]:
    """In which order inputs are tried out: angles first, by which most pixels change, then what has most
    columns; and angles again, for somebody else's face.

    Example:
        >>> from facegen.conditions.kinds import kinds
        >>> trial_order(kinds({"emotion": ["happy"], "identity": ["1", "2"], "orientation": ["sin", "cos"]}))
        ['orientation', 'identity', 'emotion', 'orientation']
    """
    angles = [name for name, kind in kinds.items() if isinstance(kind, Angle)]
    others = sorted((name for name in kinds if name not in angles), key=lambda name: -kinds[name].width)
    return [*angles, *others, *angles]


def _rows_of(known: Mapping[str, Word], kinds: Mapping[str, Kind]) -> Rows:
    """Words as rows (1, columns)."""
    if unknown := known.keys() - kinds.keys():
        raise FacegenError(
            f"known: there is no condition {min(unknown)!r}; this model reads {', '.join(kinds)}."
        )
    return {name: kinds[name].row(kinds[name].filled(word))[None] for name, word in known.items()}


def _search(
    model: FaceModel, target: np.ndarray, kinds: Mapping[str, Kind], known: Rows, order: list[str],
    random: np.random.Generator, starts: int, steps: int,
) -> Iterator[tuple[Rows, float]]:  # fmt: skip
    """Ever better rows, the best one first, and its error."""
    relaxed = {name: relaxation(kind, model.examples.get(name)) for name, kind in kinds.items()}
    rows = {name: kind.row(kind.default())[None] for name, kind in kinds.items()} | known
    free = tuple(name for name in kinds if name not in known)
    if isinstance(model, Flow):
        rows, free = _backwards(model, target, rows, relaxed, order, random), (NOISE,)
        yield rows, _errors(model, rows, target).min()
        order = []
    for name in order:
        rows = _varied(rows, name, relaxed[name], random)
        errors = _errors(model, rows, target)
        rows = _taken(rows, errors.argsort(kind="stable")[:starts])
        yield rows, errors.min()
    numbers = {name: relaxed[name].numbers(rows[name]) if name in free else rows[name] for name in kinds}
    for count, most in ((starts, min(FIRST, steps)), (1, steps - FIRST)):
        numbers = _taken(numbers, slice(count))
        descent = _descent(model, len(next(iter(numbers.values()))), free)
        descent.restart(model, numbers)
        for numbers, error in descent.run(target, most):
            yield descent.rows(numbers), error


def _backwards(
    model: Flow, target: np.ndarray, rows: Rows, relaxed: Mapping[str, Normal], order: list[str],
    random: np.random.Generator,
) -> Rows:  # fmt: skip
    """The conditions under which a flow's velocity fits a picture best, and the noise of it.

    One input after another is varied, all of them again for as long as that takes away enough of the misfit:
    a pass changes little, one attribute, say, of the example that was likest. What small gains would change
    further is chance, of the noise that `misfit` draws.
    """
    names, least, mark = [name for name in order if name != NOISE], np.inf, np.inf
    while names and least <= (1 - GAIN) * mark:
        mark = least
        for name in names:
            rows = _varied(rows, name, relaxed[name], random)
            errors = model.misfit(target, rows)
            rows, least = _taken(rows, [int(errors.argmin())]), errors.min()
        relaxed = {name: relaxation(one.kind) for name, one in relaxed.items()}  # from now on no examples
    return {**rows, NOISE: model.encode(target[None], rows)}


def _varied(rows: Rows, name: str, relaxed: Normal, random: np.random.Generator) -> Rows:
    """Each row with one input as it is tried out; the same ones only once."""
    trials = [relaxed.trials(row, random) for row in rows[name]]
    of = np.repeat(np.arange(len(trials)), [len(some) for some in trials])
    varied = {**_taken(rows, of), name: np.concatenate(trials).astype("float32")}
    _, first = np.unique(np.concatenate([*varied.values()], axis=1).round(4), axis=0, return_index=True)
    return _taken(varied, np.sort(first))


def _errors(model: FaceModel, rows: Rows, target: np.ndarray) -> np.ndarray:
    """Mean squared error of what is drawn for each row, pixels being from 0 to 1."""
    away = model.draw(rows, BATCH).astype("float32") - target
    return np.square(away / 255).mean(axis=(1, 2, 3))


def _taken(rows: Rows, which: np.ndarray | list[int] | slice) -> Rows:
    return {name: values[which] for name, values in rows.items()}


@lru_cache(maxsize=2)
def _descent(model: FaceModel, count: int, free: tuple[str, ...]) -> "Descent":
    """One for many pictures: to compile it takes as long as half of a descent."""
    return Descent(model, count, free)


class Descent(keras.Model):
    """Gradient descent on the inputs of a model: they are the weights, and the generator is frozen.

    Args:
        model: that draws.
        count: rows of inputs that are refined at once.
        free: names of those inputs that are refined; the others stay.
    """

    def __init__(self, model: FaceModel, count: int, free: tuple[str, ...]):
        super().__init__(name="descent")
        self.relaxed = {
            name: relaxation(kind) if name in free else Normal(kind)
            for name, kind in input_kinds(model).items()
        }
        self.output_min = model.output_min
        self.rate = NOISE_RATE if isinstance(model, Flow) else RATE
        self.generator = keras.models.clone_model(model.generator)
        self.generator.trainable = False
        self.numbers = {
            name: self.add_weight(
                shape=(count, relaxed.width), initializer="zeros", name=f"numbers_{i}", trainable=name in free
            )
            for i, (name, relaxed) in enumerate(self.relaxed.items())
        }
        self.errors = self.add_weight(shape=(count,), trainable=False, initializer="zeros", name="errors")
        self.compile(keras.optimizers.Adam(self.rate), jit_compile=False)
        self.optimizer.build(self.trainable_variables)

    def restart(self, model: FaceModel, numbers: Rows) -> None:
        """Begin anew, with the present weights of a model, and numbers to start from: name -> (n, width)."""
        self.generator.set_weights(model.generator.get_weights())
        for variable in self.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        self.optimizer.learning_rate = self.rate
        for name, values in numbers.items():
            self.numbers[name].assign(values)

    def call(self, target, training=None):
        """Pictures for the present rows, in 0..1."""
        rows = {name: self.relaxed[name].rows(1.0 * values) for name, values in self.numbers.items()}
        images = ops.cast(self.generator(rows, training=False), "float32")
        return (images - self.output_min) / (1 - self.output_min)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The errors of all rows, summed, so that each row goes its own way; and the prior."""
        errors = ops.mean(ops.square(y_pred - x), axis=(1, 2, 3))
        self.errors.assign(errors)
        priors = [
            self.relaxed[name].prior(1.0 * values)
            for name, values in self.numbers.items()
            if values.trainable
        ]
        return ops.sum(errors + PRIOR * sum(priors))

    def run(self, target: np.ndarray, steps: int) -> Iterator[tuple[Rows, float]]:
        """Go downhill, until it is flat.

        Args:
            target: uint8 (height, width, channels).
            steps: at most.

        Yields:
            After each step the best numbers that each row has had, best row first, and the least error.
        """
        image = target[None].astype("float32") / 255
        kept, least = self._numbers(), np.full(self.errors.shape, np.inf)
        mark, pause, halvings = np.inf, 0, 0
        for _ in range(steps):
            before = self._numbers()
            self.train_on_batch(image)
            errors = ops.convert_to_numpy(self.errors)
            better = errors < least
            kept = {name: np.where(better[:, None], before[name], kept[name]) for name in kept}
            least = np.where(better, errors, least)
            yield _taken(kept, least.argsort(kind="stable")), float(least.min())
            pause = 0 if least.min() < (1 - GAIN) * mark else pause + 1
            mark = mark if pause else least.min()
            if pause == PATIENCE:
                pause, halvings = 0, halvings + 1
                self.optimizer.learning_rate = self.rate / 2**halvings
            if halvings > HALVINGS:
                return

    def _numbers(self) -> Rows:
        return {name: np.array(ops.convert_to_numpy(values)) for name, values in self.numbers.items()}

    def rows(self, numbers: Rows) -> Rows:
        """The inputs that numbers stand for."""
        return {
            name: np.asarray(ops.convert_to_numpy(self.relaxed[name].rows(ops.convert_to_tensor(values))))
            for name, values in numbers.items()
        }


def _inversion(model: FaceModel, kinds: Mapping[str, Kind], rows: Rows, target: np.ndarray) -> Inversion:
    inputs = {name: _clear(kind, rows[name][0])[None] for name, kind in kinds.items()}
    words = {name: _word(kinds[name], inputs[name][0]) for name in model.names}
    image = model.draw(inputs)[0]
    near = min(99.0, float(psnr(image[None], target[None])[0]))  # the same picture: infinitely near
    return Inversion(inputs, words, image, target, near)


def _clear(kind: Kind, row: np.ndarray) -> np.ndarray:
    """A row as it is legal, of a mixture without what is too faint to be seen."""
    return kind.legal(np.where(row < FAINT * row.max(), 0, row) if isinstance(kind, Mixture) else row)


def _word(kind: Kind, row: np.ndarray) -> Word:
    """A row as a word; of attributes all are named, for chance decides on those that are not."""
    if isinstance(kind, Binary):
        return {name: round(float(value), 2) for name, value in zip(kind.columns, row, strict=True)}
    return kind.decode(row)
