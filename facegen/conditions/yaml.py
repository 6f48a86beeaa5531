"""A YAML file as plain values that know their line: the safe and small part of YAML that people write.

Only mappings, lists, texts, numbers, on/off and nothing (null) are read, and numbers are what they
look like: 010 is ten, 1:30 is a text. Refused are keys that come twice, tags, aliases, deep nesting
and large files: nothing that a file contains can run code or grow in memory.
"""

import re
from pathlib import Path

import yaml

from facegen.utils.errors import FacegenError

LARGEST = 1 << 18  # bytes: some thousand keyframes
DEEPEST = 8  # levels of nesting

SCALARS = {
    "bool": (re.compile(r"(?:on|off|yes|no|true|false)$", re.IGNORECASE), "oOyYnNtTfF"),
    "int": (re.compile(r"[-+]?[0-9]{1,18}$"), "-+0123456789"),
    "float": (re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?$"), "-+.0123456789"),
    "null": (re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
}


class Table(dict):
    """A mapping, with the line (from 1) of each of its keys and what is written there.

    Attributes:
        lines: key -> its line.
        written: key -> its text, or the list of its texts: `no` for False, `1.50` for 1.5.
    """

    def __init__(self):
        super().__init__()
        self.lines: dict[str, int] = {}
        self.written: dict[str, str | list[str]] = {}


class _Loader(yaml.SafeLoader):
    """Reads YAML into nodes, and refuses what a small file of settings has no need of."""

    yaml_implicit_resolvers: dict = {}  # noqa: RUF012 (SCALARS instead of YAML 1.1's octal and base 60)
    depth = 0

    def compose_node(self, parent, index):
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise _problem(event, f"the alias *{event.anchor} is not understood: write it out")
        if getattr(event, "tag", None):
            raise _problem(event, f"the tag {event.tag} is not understood: leave it out")
        if self.depth == DEEPEST:
            raise _problem(event, f"more than {DEEPEST} levels of nesting")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


for _name, (_pattern, _first) in SCALARS.items():
    _Loader.add_implicit_resolver(_name, _pattern, list(_first))


def _problem(found: yaml.Event | yaml.Node, message: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=message, problem_mark=found.start_mark)


def read(path: str | Path) -> Table:
    """Read a file whose top level is a mapping; see `parse`."""
    path = Path(path)
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
        text = content[:LARGEST].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(content) <= LARGEST:
            raise FacegenError(f"{path}: expected a text in UTF-8 ({error}).") from None
    except OSError as error:
        raise FacegenError(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > LARGEST:
        raise FacegenError(f"{path}: expected a file of at most {LARGEST >> 10} KB.")
    return parse(text, str(path))


def parse(text: str, source: str) -> Table:
    """Text -> its mapping.

    Args:
        text: YAML.
        source: what messages call it.

    Raises:
        FacegenError: naming the line that is not as expected.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        value = None if node is None else _value(node)
    except yaml.YAMLError as error:
        raise FacegenError(f"{source}{_where(error)}") from None
    if not isinstance(value, Table):
        raise FacegenError(f"{source}: expected lines such as `mode: single`, found none.")
    return value


def _where(error: yaml.YAMLError) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if mark is None:  # a character that no text contains
        return f": {getattr(error, 'reason', error)}."
    if "\\t" in (problem or ""):
        problem = "a tab, which YAML does not allow here: indent with blanks"
    return f", line {mark.line + 1}: {problem or getattr(error, 'context', None)}."


def _value(node: yaml.Node) -> object:
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return _table(node)
    if node.tag == "bool":
        return node.value.lower() in ("on", "yes", "true")
    return {"int": int, "float": float, "null": lambda text: None}.get(node.tag, str)(node.value)


def _table(node: yaml.MappingNode) -> Table:
    table = Table()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _problem(key, "expected a name before the colon")
        line = key.start_mark.line + 1
        if key.value in table:
            first = table.lines[key.value]
            raise _problem(key, f"{key.value!r} comes a second time (first in line {first}): keep one")
        table[key.value] = _value(value)
        table.lines[key.value] = line
        table.written[key.value] = _text(value)
    return table


def _text(node: yaml.Node) -> str | list[str] | None:
    if isinstance(node, yaml.SequenceNode):
        return [_text(item) for item in node.value]
    return node.value if isinstance(node, yaml.ScalarNode) else None
