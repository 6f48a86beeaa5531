"""Which attributes clay's people have, and which go together: the table `odds.yaml`, and tables like it.

The odds are plain nested dicts, lists and numbers, so that a folder can keep those that it was drawn with.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from facegen.conditions import yaml
from facegen.utils.errors import FacegenError

TABLE = Path(__file__).with_name("odds.yaml")
DARK_SKIN = "dark skin"
SEXES = ("men", "women")


@cache
def default() -> dict:
    """The odds of clay's own people."""
    return plain(yaml.read(TABLE))


def read(path: str | Path) -> dict:
    """Odds from a YAML file like `odds.yaml`; what it does not mention stays as it is there.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     file = Path(folder) / "world.yaml"
        ...     _ = file.write_text("passing: {Wearing_Lipstick: [30, 55]}")
        ...     odds = read(file)
        >>> odds["passing"]["Wearing_Lipstick"], odds["passing"]["Smiling"]
        ([30, 55], [44, 54])

    Raises:
        FacegenError: the file cannot be read, or says something that the table has no place for.
    """
    return merged(default(), yaml.read(path), str(path))


def merged(known: Mapping, given: yaml.Table, where: str) -> dict:
    """Odds with some of them replaced by those given, which are checked; `where` is for messages."""
    result = plain(known)
    for key, value, place in _entries(given, known, where):
        if key in ("lasting", "passing"):
            for name, chances, at in _entries(value, known[key], place):
                result[key][name] = _pair(chances, at)
        elif key in ("also", "keep"):
            decided = ["Male", *known["lasting"], *known["passing"]]
            conditions = [DARK_SKIN, *decided, *(f"no {name}" for name in [DARK_SKIN, *decided])]
            for condition, targets, at in _entries(value, conditions, place):
                for name, chances, here in _entries(targets, decided[1:], at):
                    result[key].setdefault(condition, {})[name] = _pair(chances, here)
        elif key == "choices":
            for choice, groups, at in _entries(value, known[key], place):
                for group, weights, here in _entries(groups, known[key][choice], at):
                    result[key][choice][group] = _weights(weights, known[key][choice][group], here)
        elif key == "skins":
            result[key] = _list(value, len(known[key]), place)
        else:
            result[key] = _percent(value, place)
    return result


def chance(odds: float | Sequence[float], male: bool) -> float:
    """The chance, 0 to 1, that a number for all, or one for men and one for women, stands for.

    Example:
        >>> chance([20, 40], male=False), chance(15, male=False)
        (0.4, 0.15)
    """
    return (odds[0 if male else 1] if isinstance(odds, Sequence) else odds) / 100


def attribute_of(condition: str) -> tuple[str, bool]:
    """What a condition looks at, and whether it wants that on: "no Young" -> ("Young", False)."""
    return condition.removeprefix("no "), not condition.startswith("no ")


def plain(table: object) -> object:
    """A copy of nested mappings and lists that holds nothing but dicts, lists and scalars."""
    if isinstance(table, Mapping):
        return {str(key): plain(value) for key, value in table.items()}
    return [plain(value) for value in table] if isinstance(table, list) else table


def _entries(table: object, known: Collection[str], where: str) -> Iterator[tuple[str, object, str]]:
    """(key, value, where it stands) of a table in a file, all of whose keys must be known."""
    if not isinstance(table, yaml.Table):
        raise FacegenError(f"{where}: expected lines such as `name: number`, found {table!r:.60}.")
    for key, value in table.items():
        place = f"{where.split(', line')[0]}, line {table.lines[key]}, {key!r}"
        if key not in known:
            raise FacegenError(f"{place}: expected {_one_of(key, known)}.")
        yield key, value, place


def _one_of(name: str, known: Collection[str]) -> str:
    """The name that was probably meant, or all that there are."""
    near = get_close_matches(name, known, n=1)
    return f"{near[0]!r}, perhaps" if near else f"one of {', '.join(known)}"


def _percent(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        raise FacegenError(f"{where}: expected a number of per cent from 0 to 100, found {value!r:.60}.")
    return value


def _pair(value: object, where: str) -> float | list[float]:
    if not isinstance(value, list):
        return _percent(value, where)
    if len(value) != 2:
        raise FacegenError(f"{where}: expected [men, women] in per cent, found {value!r:.60}.")
    return [_percent(number, where) for number in value]


def _list(value: object, length: int, where: str) -> list[float]:
    if not isinstance(value, list) or len(value) != length:
        raise FacegenError(f"{where}: expected a list of {length} numbers, found {value!r:.60}.")
    return _some([_percent(number, where) for number in value], where)


def _weights(value: object, known: Mapping, where: str) -> dict[str, float]:
    """The weight of each option; those left out have none."""
    given = {name: _percent(number, at) for name, number, at in _entries(value, known, where)}
    _some(list(given.values()), where)
    return dict.fromkeys(known, 0) | given


def _some(weights: list[float], where: str) -> list[float]:
    if not sum(weights):
        raise FacegenError(f"{where}: expected at least one number above 0.")
    return weights
