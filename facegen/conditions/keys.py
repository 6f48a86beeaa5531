"""What the keys of a parameter file mean for a model, whatever its conditions and columns are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from facegen.conditions.base import ATTRIBUTES, NUMBERS, Names

MODES = ("single", "random", "drunk", "interpolate")
# What a parameter file may call a condition instead of its name.
SHORT = {"identity": "id", "emotion": "em", "orientation": "or", "pose": "ps", "lighting": "lt"}
NOISE = "noise"
SETTINGS = {"scale": MODES, "min": MODES, "max": MODES, "step": ("drunk",)}  # of a condition
# The keys of every file, and their modes; a condition that is called so stands under `conditions`.
OWN = {
    **dict.fromkeys(["mode", "constrained", "fps", "seed", "min", "max", "conditions"], MODES),
    **dict.fromkeys(["keyframes", "ease", "length"], ("interpolate",)),
    "num_images": ("random", "drunk"),
}
OF_KEYFRAMES = ("conditions", "ease", "length")


@dataclass(frozen=True)
class Meaning:
    """What a key is about: a condition, one of its columns, or a setting of it."""

    condition: str
    column: str = ""
    setting: str = ""


@dataclass(frozen=True)
class Keys:
    """The keys of a parameter file for a model.

    Where a key could mean several things it means, in this order: a word of every file (`OWN`), a condition,
    a column of the attributes or numbers, a short name, a setting such as `id_scale`.

    Attributes:
        names: condition -> its columns.
        noisy: whether the model has noise as well.
    """

    names: Names
    noisy: bool = False

    @property
    def conditions(self) -> list[str]:
        return [*self.names, *([NOISE] if self.noisy else [])]

    @cached_property
    def named(self) -> dict[str, Meaning]:
        """What each name means where no file has words of its own, as in a panel."""
        plain = {name: Meaning(name) for name in self.conditions}
        columns = {
            column: Meaning(name, column)
            for name in (ATTRIBUTES, NUMBERS)
            for column in self.names.get(name, ())
        }
        short = {SHORT[name]: Meaning(name) for name in self.conditions if name in SHORT}
        settings = {
            f"{spelling}_{setting}": Meaning(meaning.condition, setting=setting)
            for spelling, meaning in (plain | short).items()
            for setting in SETTINGS
        }
        return settings | short | columns | plain

    @cached_property
    def meanings(self) -> dict[str, Meaning]:
        """What each key means, but for those of every file."""
        return {key: meaning for key, meaning in self.named.items() if key not in OWN}

    @property
    def of_file(self) -> dict[str, tuple[str, ...]]:
        """Every key of a file, and the modes that it belongs to."""
        own = {key: modes for key, modes in OWN.items() if key != "length"}
        return {key: SETTINGS.get(meaning.setting, MODES) for key, meaning in self.meanings.items()} | own

    @property
    def of_keyframe(self) -> dict[str, tuple[str, ...]]:
        """Every key of a keyframe."""
        plain = [key for key, meaning in self.meanings.items() if not meaning.setting]
        return dict.fromkeys([*plain, *OF_KEYFRAMES], MODES)

    def elsewhere(self, key: str) -> str:
        """Where a condition or column is asked for whose name is a word of every file; "" for other keys."""
        if key not in OWN:
            return ""
        if key in self.names:
            return f". The condition of that name is asked for by `conditions: {{{key}: ...}}`"
        of = [name for name in (ATTRIBUTES, NUMBERS) if key in self.names.get(name, ())]
        return f". The column of that name is asked for by `{of[0]}: {{{key}: ...}}`" if of else ""

    def absent(self, key: str) -> str:
        """The condition that a key is about where this model has none such; "" for other keys."""
        base = key.partition("_")[0]
        for name in (*SHORT, ATTRIBUTES, NUMBERS, NOISE):
            if base in (name, SHORT.get(name)) and base not in self.meanings:
                return name
        return ""


def settings_of(content: Mapping, keys: Keys, condition: str) -> dict[str, str]:
    """Setting -> the key that says it of a condition."""
    found = ((key, keys.meanings.get(key)) for key in content if isinstance(key, str))
    return {meaning.setting: key for key, meaning in found if meaning and meaning.condition == condition}
