"""tables: any spelling of one table reads the same, and each fault is told in the file's own line."""

import csv
import io
from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import given
from hypothesis import strategies as st

from facegen.data import tables
from facegen.utils.errors import FacegenError

PATH = Path("a.csv")
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)


def written(rows, separator=",", ending="\n", quoting=csv.QUOTE_MINIMAL):
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=ending, quoting=quoting).writerows(rows)
    return text.getvalue()


def read(text, encoding="utf-8", **options):
    return tables.parse(PATH, tables.decode(PATH, text.encode(encoding)), **options)


def cells(table):
    return {name: [cell.strip() for cell in column.cells] for name, column in table.columns.items()}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_every_spelling_reads_the_same(separator, encoding, ending, quoting):
    rows = [
        ["file", "Größe; in m", "hair,\tcolour"],
        ["a.jpg", "0.5", 'says "no", twice'],
        ["b.jpg", "7", "; x"],
    ]
    text = written(rows, separator, ending, quoting)
    table = read(text, encoding)
    assert table.separator == separator
    assert cells(table) == {
        "file": ["a.jpg", "b.jpg"],
        "Größe; in m": ["0.5", "7"],
        "hair, colour": ['says "no", twice', "; x"],
    }


def test_a_text_file_separated_by_blanks_may_promise_its_rows():
    table = read("2\n one  two \na.jpg  1 -1\n\nb.jpg -1  1\n", blanks=True)
    assert table.promised == 2 and cells(table) == {
        "": ["a.jpg", "b.jpg"],
        "one": ["1", "-1"],
        "two": ["-1", "1"],
    }


@pytest.mark.parametrize("first", ["\u00b2", "2nd", "1234567890"])
def test_what_is_no_number_of_rows_promises_none(first):
    with pytest.raises(FacegenError, match="line 3: expected 2 columns, found more"):
        read(f"{first}\nage size\na.jpg 1 2\n", blanks=True)


def test_excel_says_what_separates():
    assert cells(read("sep=;\nfile;a,b,c\nx.jpg;1\n")) == {"file": ["x.jpg"], "a,b,c": ["1"]}


def test_a_header_may_be_missing():
    assert cells(read("a.jpg,1\nb.jpg,2\n", named=None)) == {"1": ["a.jpg", "b.jpg"], "2": ["1", "2"]}
    assert cells(read("file,age\na.jpg,1\n", named=None)) == {"file": ["a.jpg"], "age": ["1"]}


@pytest.mark.parametrize("name", ["", "Unnamed: 0", '""'])
@pytest.mark.parametrize("numbers", [("0", "1"), ("17", "4"), ("1.0", "0.0")])
def test_an_index_is_passed_over_and_that_is_said(caplog, name, numbers):
    rows = f"{name},file,age\n{numbers[0]},a.jpg,5\n{numbers[1]},b.jpg,5\n"
    assert cells(read(rows)) == {"file": ["a.jpg", "b.jpg"], "age": ["5", "5"]}
    assert "without a name only numbers the rows" in caplog.text


def test_separators_at_the_ends_of_lines_and_empty_lines_are_nothing():
    assert cells(read("file,age,,\na.jpg,1,,\n,,,\n\nb.jpg,2\n")) == {
        "file": ["a.jpg", "b.jpg"],
        "age": ["1", "2"],
    }


def test_names_of_any_length_and_columns_by_the_hundred():
    long, wide = "x" * 5000 + ".jpg", [f"c{i}" for i in range(300)]
    table = read(written([["file", *wide], [long, *wide]]))
    assert cells(table)["file"] == [long] and len(table.columns) == 301


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("file,age\na.jpg,1\nb.jpg,x\nc.jpg,2\n", 3),
        ("\n\nfile,age\n\na.jpg,1\n\n\nb.jpg,x\nc.jpg,2\n", 8),
        ('file,age,note\na.jpg,1,"of\nthree\nlines"\nb.jpg,x,y\nc.jpg,2,y\n', 5),
        ('"file\nname",age\r\na.jpg,1\r\nb.jpg,x\r\nc.jpg,2\r\n', 4),
        ("sep=,\nfile,age\na.jpg,1\nb.jpg,x\nc.jpg,2\n", 4),
    ],
)
def test_a_fault_is_told_in_the_files_own_line(text, line):
    with pytest.raises(FacegenError, match=f"a.csv, line {line}, column 'age': found 'x'"):
        read(text).columns["age"].numbers()
    with pytest.raises(FacegenError, match=f"a.csv, line {line}: expected . columns, found more"):
        read(text.replace("b.jpg", ",,,,,b.jpg"))
    with pytest.raises(FacegenError, match=f"and {line}: two rows for"):
        read(text.replace("b.jpg", "a.jpg")).names()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("file,age\nJosé.jpg,1\n".encode("cp1252"), "line 2: expected text in UTF-8, found b'le,age.*Jos"),
        ("file,age\na.jpg,1\n".encode("utf-16-le"), "line 1: expected text, found a zero byte"),
        (b"\n<!DOCTYPE html><html>", "is a web page"),
    ],
)
def test_what_is_no_text_that_is_known(content, words):
    with pytest.raises(FacegenError, match=words):
        tables.decode(PATH, content)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("f;n\na;0,5\nb;-3,25\nc;7\n", [0.5, -3.25, 7]),
        ("f;n\na;1,5e2\nb;,5\n", [150, 0.5]),
        ("f,n\na,.5\nb,+3.\nc,1E-2\n", [0.5, 3, 0.01]),
        ("f,n\na,TRUE\nb,False\n", [1, 0]),
    ],
)
def test_numbers(text, values):
    assert read(text).columns["n"].numbers().tolist() == values


@pytest.mark.parametrize(
    "column", [("1_000", "2_000"), ("0x10", "a"), ("١", "٢"), ("01", "2"), ("1 000", "x"), ("-", "?")]
)
def test_what_only_looks_like_numbers_is_words(column):
    table = read(written([["f", "n"], ["a", column[0]], ["b", column[1]]]))
    assert table.columns["n"].numbers() is None and table.columns["n"].words().tolist() == [*column]


@pytest.mark.parametrize(
    "column", [("1", "NA"), ("True", "1"), ("True", "NA"), ("1.5", "007"), ("2", "two"), ("3", "")]
)
def test_what_is_mixed_is_refused(column):
    for cells_ in (column, column[::-1]):
        with pytest.raises(FacegenError, match=r"line [23], column 'n': found '.*' \(expected"):
            read(written([["f", "n"], ["a", cells_[0]], ["b", cells_[1]]])).columns["n"].numbers()


@examples
@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6),
    st.sampled_from(",;\t"),
    st.sampled_from(("\n", "\r\n")),
    st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-32")),
)
def test_what_is_written_is_read(rows, separator, ending, encoding):
    """All but what has no meaning in a table: blanks around a cell, and which line break a break is."""
    names = ["file", "one", "two"]
    rows = [(f"{number}.jpg", *row[1:]) for number, row in enumerate(rows)]
    text = written([names, *rows], separator, ending, csv.QUOTE_ALL)
    table = read(text, encoding)
    expected = [[cell.replace("\r\n", "\n").replace("\r", "\n").strip() for cell in row] for row in rows]
    assert list(map(list, zip(*cells(table).values(), strict=True))) == expected
    for row in range(len(rows)):
        before = written([names, *rows[:row]], separator, ending, csv.QUOTE_ALL)
        before = before.replace("\r\n", "\n").replace("\r", "\n")
        assert table.line(row) == before.count("\n") + 1


@examples
@given(st.binary(max_size=60), st.booleans(), st.sampled_from((True, False, None)))
def test_any_bytes_are_a_table_or_refused(content, blanks, named):
    for start in (b"", b"file,age\na.jpg,1\n", b'"a";b\n'):
        try:
            table = tables.parse(PATH, tables.decode(PATH, start + content), blanks, named)
            table.names()
            for column in table.columns.values():
                if column.numbers() is None:
                    assert len(column.words()) == len(table)
        except FacegenError as error:
            assert str(error).startswith("a.csv") and len(str(error)) < 1000
