"""The teacher's page: it names cells that exist, fills its lessons, and has an exam that adds up."""

import json
import re
from itertools import pairwise

import check_notebooks
import pytest

import exercises

PAGE = (check_notebooks.ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"(?<=`)(\d\d) › (.+?)`", PAGE)))
LESSONS = re.split(r"^## ", PAGE, flags=re.M)[1:]


def headings(number: str) -> list[str]:
    """The headings of a notebook."""
    (path,) = (check_notebooks.ROOT / "notebooks").glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return re.findall(r"^#+ (.*)$", "\n".join(texts), re.M)


@pytest.mark.parametrize(("number", "name"), NAMED)
def test_cells_that_are_named_exist(number, name):
    assert [heading for heading in headings(number) if heading.startswith(name)], f"{number}: {name}"


def test_six_lessons_fill_their_ninety_minutes():
    lessons = [text for text in LESSONS if text.startswith("Lesson ")]
    assert len(lessons) == 6
    for text in lessons:
        spans = [(int(a), int(b)) for a, b in re.findall(r"^\| (\d+) - (\d+) \|", text, re.M)]
        assert spans[0][0] == 0 and spans[-1][1] == 90
        assert all(before[1] == after[0] for before, after in pairwise(spans))
        for part in ("the student can", "**Ask**", "**What goes wrong**", "**Grade**"):
            assert part in text


def points() -> dict[str, int]:
    """The points of each exercise, by its title."""
    every = [one for path in exercises.sources() for one in exercises.exercises(exercises.read(path))]
    worth = {one.parts[0].text.splitlines()[0]: one.parts for one in every}
    return {title: sum(int(p.words) for p in parts if p.kind == "check") for title, parts in worth.items()}


def test_what_is_graded_are_exercises_and_their_points():
    worth, named = points(), []
    for text in re.findall(r"(?:\*\*Grade\*\*:|Grade) (\*.*?)\n\n", PAGE, re.S):
        for titles, said, each in re.findall(r"((?:\*[^*]+\*(?:,|\s+and)?\s+)+)\((\d+)( each)?", text):
            group = [" ".join(title.split()) for title in re.findall(r"\*([^*]+)\*", titles)]
            asked = [worth[title] for title in group]
            assert {*asked} == {int(said)} if each else sum(asked) == int(said), group
            named += group
    assert len(named) == len({*named}) > 20


def test_the_exam_has_twenty_questions_sixty_points_and_all_answers():
    exam, answers = PAGE.partition("## Exam")[2].split("### Answers")
    asked = re.findall(
        r"^(\d+)\. \*\((recall|read a picture|compute|find the fault|judge), (\d+)\)\*", exam, re.M
    )
    given = re.split(r"^(\d+)\. ", answers, flags=re.M)[1:]
    assert [int(n) for n, _, _ in asked] == [*map(int, given[::2])] == [*range(1, 21)]
    assert len({kind for _, kind, _ in asked}) == 5
    assert sum(int(points) for _, _, points in asked) == 60
