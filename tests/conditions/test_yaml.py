"""YAML as plain values with lines: what looks like a number is one, and nothing in a file can do harm."""

import pytest
from fuzz import examples
from hypothesis import given
from hypothesis import strategies as st

from facegen.conditions import yaml as document
from facegen.utils.errors import FacegenError

BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in ("ab", "bc", "cd"))


def test_numbers_texts_and_switches_are_what_they_look_like():
    numbers, others = "a: 010, b: '3', c: 1e2, d: -.5, e: on, f: No, g: ", "i: 1+3, j: 2026-01-01, k: .inf"
    text = f"{{{numbers}, h: 1:30, {others}, on: [1, x]}}"
    assert document.parse(text, "f") == {
        "a": 10, "b": "3", "c": 100.0, "d": -0.5, "e": True, "f": False, "g": None, "h": "1:30",
        "i": "1+3", "j": "2026-01-01", "k": ".inf", "on": [1, "x"],
    }  # fmt: skip
    assert type(document.parse("a: 1", "f")["a"]) is int


def test_every_mapping_knows_its_lines():
    table = document.parse("# a remark\nmode: x\nkeyframes:\n  - {id: 1,\n     em: y}\n  - length: 2\n", "f")
    assert table.lines == {"mode": 2, "keyframes": 3}
    assert [frame.lines for frame in table["keyframes"]] == [{"id": 4, "em": 5}, {"length": 6}]


@pytest.mark.parametrize(
    "text, message",
    [
        ("a: 1\nb: 2\na: 3", r"f, line 3: 'a' comes a second time \(first in line 1\)"),
        ("a: {b: 1, 'b': 2}", "line 1: 'b' comes a second time"),
        ("a:\n\tb: 1", "line 2: a tab, which YAML does not allow here: indent with blanks"),
        ("a: 1\n\tb: 1", "line 2: a tab"),
        (BOMB, r"line 2: the alias \*a is not understood"),
        ("a: !!python/object/apply:os.system [ls]", "line 1: the tag .*os.system is not understood"),
        ("a: !!int x", "line 1: the tag"),
        ("a: ! x", "line 1: the tag"),
        ("a: " + "[" * 5000, "line 1: more than 8 levels"),
        ("- " * 900 + "a", "line 1: more than 8 levels"),
        ("[a]: 1", "line 1: expected a name before the colon"),
        ("a: 1\nb: 'x", "line 2: found unexpected end of stream"),
        ("a: b: c", "line 1: mapping values are not allowed here"),
        ("a: 1\n---\nb: 1", "line 2: but found another document"),
        ("a: \x00", "special characters are not allowed"),
        ("", "expected lines such as `mode: single`"),
        ("- a", "expected lines such as `mode: single`"),
        ("just words", "expected lines such as `mode: single`"),
    ],
)
def test_what_is_refused_is_named_with_its_line(text, message):
    with pytest.raises(FacegenError, match=message):
        document.parse(text, "f")


def test_files(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_bytes(b"\xef\xbb\xbfmode: caf\xc3\xa9\r\nid: 3\r\n")
    table = document.read(path)
    assert table == {"mode": "café", "id": 3} and table.lines["id"] == 2
    path.write_bytes(b"mode: \xff")
    with pytest.raises(FacegenError, match=r"p\.yaml: expected a text in UTF-8"):
        document.read(path)
    path.write_bytes(b"# \xc3\xa9" * document.LARGEST)
    with pytest.raises(FacegenError, match=r"p\.yaml: expected a file of at most 256 KB"):
        document.read(path)
    for missing in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(FacegenError, match="cannot be read"):
            document.read(missing)


@examples
@given(st.text(alphabet="ab01:-{}[],'\"#&*!|>%@? \n\t\\.~<=", max_size=40) | st.text(max_size=40))
def test_any_text_is_a_mapping_or_an_error(text):
    try:
        assert isinstance(document.parse(text, "f"), document.Table)
    except FacegenError as error:
        assert str(error).startswith("f")
