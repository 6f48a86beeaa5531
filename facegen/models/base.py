"""What all models of the course share: plain settings, a table of conditions, and drawing."""

import inspect
from collections.abc import Iterable, Mapping, Sequence

import keras
import numpy as np

from facegen.conditions.base import Kind, check_names, checked_ranges
from facegen.conditions.kinds import Binary, kinds
from facegen.conditions.words import Word
from facegen.utils.arrays import evenly
from facegen.utils.errors import FacegenError


def parameters(builder: type) -> dict[str, inspect.Parameter]:
    """What the constructor of a model takes, by name.

    Of a class that inherits its constructor, Python 3.11.2 (Debian's) would tell of Keras's `__new__`.

    Example:
        >>> from facegen.models.unrolled import UnrolledDeconv
        >>> [*parameters(UnrolledDeconv)][:3]
        ['names', 'start', 'depth']
    """
    known = dict(inspect.signature(builder.__init__).parameters)
    del known["self"]
    return known


def check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    """Refuse a value that is none of the choices.

    Raises:
        FacegenError: naming the argument and what was expected.

    Example:
        >>> check_choice("loss", "l2", ["hinge", "logistic"])
        Traceback (most recent call last):
        ...
        facegen.utils.errors.FacegenError: loss='l2': expected one of hinge, logistic.
    """
    if value not in choices:
        raise FacegenError(f"{name}={value!r}: expected one of {', '.join(choices)}.")


class FaceModel(keras.Model):
    """A keras.Model whose `generator` draws faces from named arrays.

    Subclasses set `generator` (a model from a dict of inputs to pictures from `output_min` to 1), and pass on
    their constructor's `locals()`: those that it names are kept as `settings`, plain numbers, strings,
    lists and dicts, from which the model can be rebuilt. Conditions come as their table has them: a model of
    numbers is given the range of each ("ranges"), and scales them itself.

    Example:
        >>> from facegen.models import GAN
        >>> model = GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> model.names, model.image_shape
        ({'attributes': ['Male', 'Smiling']}, (16, 16, 3))
        >>> model.draw({"attributes": np.eye(2), "noise": np.zeros((2, 1))}).shape
        (2, 16, 16, 3)
    """

    title = ""  # what people call it: the name of the folder that it was loaded from
    card: Mapping = {}  # what was noted when it was saved: its data, how it was made
    batch_independent = False  # whether what is made of a picture depends on no other one of its batch
    output_min = 0.0  # the generator's value for a black pixel; a white one is 1
    # conditions that the generator reads late: the layer up to whose output they make no difference
    read_late: Mapping[str, str] = {}

    later: Sequence[str] = ()  # settings that older models do not have: noted where they are not the default

    def __init__(self, arguments: Mapping, **kwargs):
        # around its networks, which may compute otherwise, all is float32: averages, counts, losses
        super().__init__(**{"dtype": "float32", **kwargs})
        settings = self._settings(arguments)
        self.names = settings["names"]
        check_names(self.names)
        self.ranges = checked_ranges(self.names, settings.pop("ranges", None))
        self.settings = {**settings, **({"ranges": self.ranges} if self.ranges else {})}
        self.examples: dict[str, np.ndarray] = {}  # some rows of the attributes that it learned from

    def _settings(self, arguments: Mapping) -> dict:
        """Those arguments that the constructor names, in its order."""
        known = parameters(arguments["__class__"])  # of which `super()` was called
        settings = {name: _plain(arguments[name]) for name in known if name != "kwargs"}
        usual = {name for name in self.later if settings[name] == _plain(known[name].default)}
        return {name: value for name, value in settings.items() if name not in usual}

    def generate(self, words: Word | None = None, count: int = 1, seed: int = 0, **asked: Word) -> np.ndarray:
        """Draw faces from words: uint8 (count, height, width, channels).

        Attributes that are not named come from a training row that agrees with those that are, other
        conditions that are not named are the usual ones: the first person, neutral, frontal.

        Args:
            words: of the first condition, "Smiling+Male" say.
            count: of faces.
            seed: of noise and of what is not named.
            **asked: words of each condition, see `conditions.vector`.

        Example:
            >>> import facegen
            >>> facegen.load("clay-gan").generate("Smiling+Male", seed=7).shape
            (1, 64, 64, 3)
            >>> heads = facegen.load("clay-deconv")
            >>> heads.generate(identity="1+3", emotion="happy", orientation=45).shape
            (1, 160, 128, 3)

        Raises:
            FacegenError: there is no such condition, or a word cannot be read.
        """
        asked = asked if words is None else {next(iter(self.names)): words, **asked}
        if unknown := asked.keys() - self.names.keys():
            raise FacegenError(
                f"There is no condition {min(unknown)!r}: this model reads {', '.join(self.names)}."
            )
        random = np.random.default_rng(seed)
        inputs = {
            name: np.stack([self._row(name, asked, random) for _ in range(count)]) for name in self.names
        }
        if self.reads_noise:
            inputs["noise"] = self.sample_noise(count, seed)
        return self.draw(inputs)

    def _row(self, name: str, asked: Mapping[str, Word], random: np.random.Generator) -> np.ndarray:
        one = self.kinds()[name]
        if isinstance(one, Binary):
            examples = self.examples.get(name, np.zeros((0, one.width)))
            return one.row(one.completed(asked.get(name, {}), examples, random))
        return one.row(one.filled(asked[name]) if name in asked else one.default())

    @property
    def reads_noise(self) -> bool:
        """Whether it draws from noise, too; then it has `sample_noise(count, seed)`."""
        return "noise" in self.generator.input

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of a picture."""
        return tuple(self.generator.output_shape[1:])

    def learning(self) -> list[tuple[keras.Model, int]]:
        """The networks that a training step evaluates, and how many pictures each sees for one of a batch."""
        return [(self.generator, 1)]

    def drawing(self) -> list[tuple[keras.Model, int]]:
        """The networks that draw, and how many pictures each sees at once for one that is drawn."""
        return [(self.generator, 1)]

    @property
    def precision(self) -> str:
        """The type in which its networks compute: "float32", or "bfloat16" (see precision.py)."""
        return self.generator.compute_dtype

    def remember(self, conditions: Mapping[str, np.ndarray], most: int = 512) -> None:
        """Keep some of the rows that a training has of each binary condition, for `generate`.

        Args:
            conditions: condition -> (n, columns).
            most: rows that are kept, evenly spread.
        """
        for name, rows in conditions.items():
            if isinstance(self.kinds().get(name), Binary):
                self.examples[name] = np.asarray(rows)[evenly(len(rows), most)] > 0.5

    def kinds(self, constrained: bool = True) -> dict[str, Kind]:
        """What each of its conditions means; see facegen.conditions.kinds."""
        return kinds(self.names, self.ranges, constrained)

    def adapt(self, pictures: np.ndarray, conditions: Mapping[str, np.ndarray] | None = None) -> None:
        """Take from the pictures to learn from what a model begins with: nothing, if it does not say so.

        Args:
            pictures: uint8 (n, height, width, channels).
            conditions: theirs, name -> (n, columns).
        """

    def draw(self, inputs: Mapping[str, np.ndarray], batch_size: int = 64) -> np.ndarray:
        """Faces for n rows of inputs: uint8 (n, height, width, channels).

        Args:
            inputs: every condition, float (n, columns); a GAN's and a flow's also "noise", float (n, noise).
            batch_size: how many are drawn at once.

        Raises:
            FacegenError: an input is missing or of another shape.
        """
        arrays = self._checked(inputs)
        count = len(next(iter(arrays.values())))
        chunks = [slice(i, i + batch_size) for i in range(0, count, batch_size)]
        return np.concatenate([self._bytes({k: v[rows] for k, v in arrays.items()}) for rows in chunks])

    def _bytes(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        count = len(next(iter(inputs.values())))
        # 1, 2, 4, 8, ... pictures at once: each of these sizes is compiled, no other
        rows = np.arange(1 << (count - 1).bit_length()).clip(max=count - 1)
        inputs = {name: values[rows] for name, values in inputs.items()}
        images = np.asarray(self.generator.predict_on_batch(inputs), "float32")[:count]
        return np.round((images - self.output_min) * (255 / (1 - self.output_min))).astype("uint8")

    def _checked(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        arrays, count = {}, None
        for name, tensor in self.generator.input.items():
            if name not in inputs:
                raise FacegenError(
                    f"Input {name!r} is missing: this model draws from {list(self.generator.input)}."
                )
            array = np.asarray(inputs[name], "float32")
            count = len(array) if count is None and array.ndim else count
            if array.shape != (count, tensor.shape[1]) or not count:
                raise FacegenError(
                    f"{name!r}: expected shape ({count or 'n'}, {tensor.shape[1]}), found {array.shape}."
                )
            arrays[name] = array
        return arrays

    def get_config(self):
        return {**super().get_config(), **self.settings}


def _plain(value: object) -> object:
    """As JSON has it: mappings as dicts, sequences as lists."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
