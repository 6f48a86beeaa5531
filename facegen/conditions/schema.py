"""The entries of a mapping, checked one by one: each is what it should be, or an error names its place."""

import difflib
import re
from collections.abc import Mapping

import numpy as np

from facegen.conditions.base import Kind
from facegen.conditions.keys import Keys
from facegen.conditions.latent import Latent
from facegen.conditions.words import LARGEST, shown
from facegen.utils.errors import FacegenError

MOST = 1_000_000  # frames: nine hours of film
SECONDS = re.compile(r"\s*(\d{1,9}(?:\.\d{0,9})?)\s*s\s*", re.ASCII)


class Schema:
    """A mapping whose entries are taken as what they should be, or refused by a FacegenError.

    Args:
        content: the mapping; a `yaml.Table` knows the line of each key, and what is written there.
        source: the file that it comes from.
        part: what to call a part of that file.
        line: of that part.
        keys: what the keys of a file mean, from which messages say more.
    """

    def __init__(
        self,
        content: Mapping,
        source: str,
        part: str = "",
        line: int | None = None,
        keys: Keys | None = None,
    ):
        if not isinstance(content, Mapping):
            raise FacegenError(f"{source}: expected a mapping such as {{'mode': 'single'}}.")
        self.content, self.source, self.part = content, source, part
        self.first, self.keys = line, keys or Keys({})

    def line(self, key: str) -> int | None:
        """The line of a key, or of the mapping where that key is missing."""
        lines = getattr(self.content, "lines", {})
        return lines.get(key, min(lines.values(), default=self.first) if self.part else None)

    def wrong(self, key: str, message: str) -> FacegenError:
        line = self.line(key)
        message += self.keys.elsewhere(key) if isinstance(key, str) else ""
        key = key[:80] if isinstance(key, str) else shown(key)
        place = ", ".join(filter(None, [self.source, f"line {line}" if line else self.part, key]))
        return FacegenError(f"{place}: {message if message[-1] in '.?' else message + '.'}")

    def check(self, known: Mapping[str, tuple[str, ...]], mode: str) -> None:
        """Refuse keys that are unknown, or belong to another mode."""
        for key in self.content:
            if key not in known:
                raise self.wrong(key, f"there is no such key{self._hint(key, known)}")
            if mode not in known[key]:
                raise self.wrong(key, f"belongs to mode {' or '.join(known[key])}, and this is {mode}")

    def part_at(self, key: str) -> "Schema":
        """The mapping that an entry is."""
        content = self.content[key]
        if not isinstance(content, Mapping):
            raise self.wrong(key, f"expected `name: word` for each condition, found {shown(content)}")
        return Schema(content, self.source, key, self.line(key))

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.content.get(key, default)
        if not isinstance(value, str) or value not in choices:
            found = f"found {shown(value)}" if key in self.content else "it is missing"
            near = difflib.get_close_matches(value, choices, 1) if isinstance(value, str) else []
            hint = f". Did you mean {near[0]!r}?" if near else ""
            raise self.wrong(key, f"expected one of {', '.join(choices)}; {found}{hint}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.content.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, f"expected true or false, found {shown(value)}")
        return value

    def number(self, key: str, default: float, low: float, high: float) -> float:
        value = self.content.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.wrong(key, f"expected a number from {low:g} to {high:g}, found {shown(value)}")
        return float(value)

    def whole(self, key: str, default: int | None) -> int | None:
        value = self.content.get(key, default)
        right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
        if not right and key in self.content:
            raise self.wrong(key, f"expected a whole number, 0 or larger, found {shown(value)}")
        return value

    def bounds(self, keys: tuple[str, str], edges: tuple[float, float]) -> tuple[float, float]:
        """The entries of a lower and an upper bound; where there are none, the edges given."""
        low, high = (
            self.number(key, 0.0, -LARGEST, LARGEST) if key in self.content else edge
            for key, edge in zip(keys, edges, strict=True)
        )
        if low > high:
            key = keys[0] if keys[0] in self.content else keys[1]
            raise self.wrong(key, f"the bounds {low:g} to {high:g} leave nothing between them")
        return low, high

    def frames(self, key: str, fps: float) -> int:
        """A number of frames: a count, or "2s"."""
        value = self.content.get(key)
        timed = SECONDS.fullmatch(value) if isinstance(value, str) else None
        count = max(1, round(float(timed[1]) * fps)) if timed else value
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
            found = f"found {shown(value)}" if key in self.content else "it is missing"
            raise self.wrong(key, f"expected 1 to {MOST:,} frames (60) or their time (2s); {found}")
        return count

    def state(self, key: str, kind: Kind, column: str = "") -> np.ndarray:
        """The state that an entry's word means to a kind of condition, or to one of its columns."""
        word, written = self.content[key], getattr(self.content, "written", {}).get(key)
        names = written if isinstance(written, list) else [written]
        noise = isinstance(kind, Latent)  # whose columns have no names
        if not (column or noise) and names and all(name in kind.columns for name in names):
            word = names  # as it is written: `no` and `1.50` are what they are called
        if word is None:
            raise self.wrong(key, "has no value: give it one, or leave the key out")
        if noise and not isinstance(word, list):
            word = self.whole(key, None)
        try:
            return kind.encode({column: word} if column else word)
        except FacegenError as error:
            raise self.wrong(key, str(error).removeprefix(f"{kind.name}: ")) from None

    def _hint(self, key: object, known: Mapping) -> str:
        absent = self.keys.absent(key) if isinstance(key, str) else ""
        if absent:
            return f": this model reads no {absent}"
        near = difflib.get_close_matches(key, known, 1) if isinstance(key, str) else []
        if near:
            return f". Did you mean {near[0]!r}?"
        return f"; there are {', '.join(k for k in known if '_' not in k)[:200]}"
