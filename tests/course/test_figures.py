"""Results are those of the models, and every figure has a command that makes it."""

import re

import figures
import pytest
import quoted

COMMAND = re.compile(r"`(?:make ([\w-]+)|python (?:-m )?([\w./]+)|pytest ([\w./]+)|facegen (\w+))")


def test_results_are_the_measured_ones():
    assert figures.PAGE.read_text(encoding="utf-8") == figures.page(), "python tools/figures.py --write"
    readme = figures.README.read_text(encoding="utf-8")
    assert figures.BLOCK.search(readme) and figures.written(readme) == readme


def test_what_takes_seconds_is_what_it_was():
    stale = []
    for one in quoted.everything():
        text = (figures.ROOT / one.page).read_text(encoding="utf-8")
        assert len(one.found(text)) == 1, one.words
        stale += [] if one.written(text) == text else [(one.words, one.numbers())]
    assert stale == [], "python tools/figures.py --write"


def test_a_number_is_put_in_its_place():
    text = "It took 1,000 s\nof 9.5, or so."
    one = quoted.Quoted("x.md", "took {:,} s of {}, or", "`x`", lambda: [2500])
    assert one.found(text) == ["took 1,000 s\nof 9.5, or"]
    assert one.written(text) == "It took 2,500 s\nof 9.5, or so."
    assert one.found("took a day of 9.5, or") == []


def test_each_network_is_between_what_comes_of_itself_and_what_could_be_had():
    obeys, seen, distance, held_out, _, turned, read, *flow = figures.TABLE
    for one in (obeys, seen, distance, held_out, turned, read, *flow):
        floor, drawn, ceiling = map(figures.number, (one.floor, one.drawn, one.ceiling))
        assert min(floor, ceiling) < drawn < max(floor, ceiling)


def test_every_section_with_a_figure_names_its_command():
    assert [place for place in figures.measured() if not figures.source(*place)] == []


def test_no_command_is_named_for_a_section_that_is_not_there():
    found = {(page, heading) for page, heading in figures.measured()} | {
        (page, "") for page in figures.pages()
    }
    assert [place for place in figures.SOURCES if place not in found] == []


@pytest.mark.parametrize("command", sorted(set(figures.SOURCES.values())))
def test_a_command_exists(command):
    makefile = (figures.ROOT / "Makefile").read_text(encoding="utf-8")
    for target, script, test, word in COMMAND.findall(command):
        assert not target or re.search(rf"^{target}:", makefile, re.M)
        path = script if "/" in script else script.replace(".", "/") + ".py"
        assert not script or (figures.ROOT / path).is_file()
        assert not test or (figures.ROOT / test).is_file()
        assert word in ("", "measure")


def test_a_figure_is_noticed():
    assert figures.FIGURE.search("a median of 30 ms") and figures.FIGURE.search("2.8 GB of disk")
    assert not figures.FIGURE.search("64 x 64 pixels of notebook 3")
    assert figures.sections("# A\nx\n```\n# no\n```\n## B\n") == {
        "A": "# A\nx\n```\n# no\n```\n",
        "B": "## B\n",
    }
