"""The entries of a mapping, checked one by one: each is what it should be, or an error names its place."""

import difflib
import re
from collections.abc import Mapping

import numpy as np

from facegen.conditions import LARGEST, shown
from facegen.errors import FacegenError
from facegen.kinds import Condition

MOST = 1_000_000  # frames: nine hours of film
SECONDS = re.compile(r"\s*(\d{1,9}(?:\.\d{0,9})?)\s*s\s*", re.ASCII)
# What a parameter file may call a condition instead of its name.
SHORT = {"identity": "id", "emotion": "em", "orientation": "or", "pose": "ps", "lighting": "lt"}


def spellings(name: str) -> list[str]:
    """What a condition may be called: first what is usual."""
    return [SHORT[name], name] if name in SHORT else [name]


class Fields:
    """A mapping whose entries are taken as what they should be, or refused by a FacegenError.

    Args:
        content: the mapping; a `document.Table` knows the line of each key.
        source: the file that it comes from.
        part: what to call a part of that file.
        line: of that part.
    """

    def __init__(self, content: Mapping, source: str, part: str = "", line: int | None = None):
        if not isinstance(content, Mapping):
            raise FacegenError(f"{source}: expected a mapping such as {{'mode': 'single'}}.")
        self.content, self.source, self.part = content, source, part
        self.first = line

    def line(self, key: str) -> int | None:
        """The line of a key, or of the mapping where that key is missing."""
        lines = getattr(self.content, "lines", {})
        return lines.get(key, min(lines.values(), default=self.first) if self.part else None)

    def wrong(self, key: str, message: str) -> FacegenError:
        line = self.line(key)
        key = key[:80] if isinstance(key, str) else shown(key)
        place = ", ".join(filter(None, [self.source, f"line {line}" if line else self.part, key]))
        return FacegenError(f"{place}: {message if message[-1] in '.?' else message + '.'}")

    def check(self, known: Mapping[str, tuple[str, ...]], mode: str) -> None:
        """Refuse keys that are unknown, or belong to another mode."""
        for key in self.content:
            if key not in known:
                raise self.wrong(key, f"there is no such key{_hint(key, known)}")
            if mode not in known[key]:
                raise self.wrong(key, f"belongs to mode {' or '.join(known[key])}, and this is {mode}")

    def spelling(self, name: str, *ends: str) -> str:
        """The spelling of a condition (id or identity) that the mapping uses with one of these endings."""
        used = [s for s in spellings(name) if any(s + end in self.content for end in ends)]
        if len(used) > 1:
            raise self.wrong(used[1] + ends[0], f"{used[0]} and {used[1]} are the same: keep one")
        return (used or spellings(name))[0]

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

    def bounds(self, prefix: str, edges: tuple[float, float]) -> tuple[float, float]:
        """The entries `min` and `max` behind a prefix; where there are none, the edges given."""
        keys = f"{prefix}min", f"{prefix}max"
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

    def state(self, key: str, track: Condition, word: object) -> np.ndarray:
        """The state that an entry's word means to a track."""
        if word is None:
            raise self.wrong(key, "has no value: give it one, or leave the key out")
        try:
            return track.encode(word)
        except FacegenError as error:
            raise self.wrong(key, str(error).removeprefix(f"{track.name}: ")) from None


def _hint(key: object, known: Mapping) -> str:
    base = key.partition("_")[0] if isinstance(key, str) else key
    for name in (*SHORT, "attributes", "noise"):
        if base in spellings(name) and base not in known:
            return f": this model reads no {name}"
    near = difflib.get_close_matches(key, known, 1) if isinstance(key, str) else []
    if near:
        return f". Did you mean {near[0]!r}?"
    return f"; there are {', '.join(k for k in known if '_' not in k)[:200]}"
