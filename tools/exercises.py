#!/usr/bin/env python3
"""Make the exercises of the notebooks from their one source, exercises/*.py.

    python tools/exercises.py                  the learner's cells, into notebooks/
    python tools/exercises.py --teacher DIR    for teachers: DIR/solutions and, for nbgrader, DIR/nbgrader

A source is a sequence of cells, each under a line `# %% [kind] words`. Prose is commented out.

    text               a Markdown cell
    question           a question; below a line `---`, its answer
    setup              code that the exercises need; it is the first cell of a graded set
    exercise NAME, KIND, TIME        a title and what is to be done; the cells below belong to it
    given              code that is there to be run or changed
    answer             code that the learner completes; the solution is marked as nbgrader marks it
    check POINTS       code that checks the answer; the graded part is marked as nbgrader marks it
    wrong HINT         not for notebooks: a plausible wrong solution (commented out; after a line `...` it
                       goes on from the right one), and part of the hint that it must get
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from tidy import tidy

from facegen.utils.errors import FacegenError
from facegen.utils.files import write_text

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "exercises"
HEAD = re.compile(r"^# %% \[(\w+)\] ?(.*)$", re.M)
COMMENTED = ("text", "question", "exercise", "wrong")
KINDS = (*COMMENTED, "setup", "given", "answer", "check")
STUB = "# your code here"
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION\n?", re.M | re.S)
HIDDEN = re.compile(r"^ *### BEGIN HIDDEN TESTS\n.*?^ *### END HIDDEN TESTS\n?", re.M | re.S)
CONFIG = f"""\
c = get_config()
c.CourseDirectory.course_id = "facegen"
c.ClearSolutions.code_stub = {{"python": "{STUB}"}}
c.ExecutePreprocessor.timeout = 600
"""


@dataclass(frozen=True)
class Part:
    """A cell of a source: its kind, the words behind that, and its text."""

    kind: str
    words: str
    text: str


@dataclass(frozen=True)
class Exercise:
    """One exercise: its name and the cells of it."""

    name: str
    parts: tuple[Part, ...]

    @property
    def answer(self) -> str:
        return next(part.text for part in self.parts if part.kind == "answer")

    @property
    def wrong(self) -> list[tuple[str, str]]:
        """Hints and the cells of plausible wrong answers."""
        return [(part.words, solved(self.answer, part.text)) for part in self.parts if part.kind == "wrong"]


def sources() -> list[Path]:
    """The sources in the order of their notebooks."""
    return sorted(SOURCES.glob("[0-9]*.py"))


def read(path: Path) -> list[Part]:
    """The cells of a source.

    Raises:
        FacegenError: one of them has another form than it should.
    """
    _, *pieces = HEAD.split(path.read_text(encoding="utf-8"))
    found = []
    for kind, words, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        text = re.sub(r"^# ?", "", text, flags=re.M) if kind in COMMENTED else text
        found.append(Part(kind, words.strip(), text.strip("\n")))
        if lacking := _lacking(found[-1]):
            raise FacegenError(f"{path.name}, cell `[{kind}] {words}`: expected {lacking}.")
    return found


def _lacking(part: Part) -> str:
    """What a cell should have and has not, "" for a good one."""
    if part.kind not in KINDS:
        return f"one of the kinds {', '.join(KINDS)}"
    if part.kind == "question" and "\n---\n" not in part.text:
        return "a line `---` between question and answer"
    if part.kind == "exercise" and part.words.count(", ") != 2:
        return "`NAME, KIND, TIME`"
    if part.kind == "answer" and not SOLUTION.search(f"{part.text}\n"):
        return "a solution between `### BEGIN SOLUTION` and `### END SOLUTION`"
    if part.kind == "check" and not (part.words.isdecimal() and HIDDEN.search(f"{part.text}\n")):
        return "points, and a graded part between `### BEGIN HIDDEN TESTS` and `### END HIDDEN TESTS`"
    return ""


def exercises(parts: list[Part]) -> list[Exercise]:
    """The exercises of a source."""
    starts = [i for i, part in enumerate(parts) if part.kind == "exercise"]
    ends = [*starts[1:], len(parts)]
    names = [parts[i].words.partition(",")[0] for i in starts]
    return [Exercise(n, tuple(parts[i:j])) for n, i, j in zip(names, starts, ends, strict=True)]


def solved(cell: str, solution: str) -> str:
    """An answer's cell with another solution, without marks; `...` first goes on from the cell's own."""

    def other(found: re.Match) -> str:
        begun, rest = (found[2], solution[4:]) if solution.startswith("...\n") else ("", solution)
        return begun + textwrap.indent(f"{rest}\n", found[1])

    return SOLUTION.sub(other, cell).strip("\n")


def cleared(cell: str) -> str:
    """A cell as the learner finds it: without solutions and graded tests."""
    return HIDDEN.sub("", SOLUTION.sub(rf"\1{STUB}\n", cell)).strip("\n")


def cells(path: Path, form: str) -> list[NotebookNode]:
    """The cells of a notebook's questions and exercises.

    Args:
        path: of the source.
        form: "learner", "solution", or "marked" as nbgrader wants it.
    """
    number, parts = path.stem[:2], read(path)
    made = [*_questions(number, [part for part in parts if part.kind == "question"])]
    for part in takewhile(lambda part: part.kind != "exercise", parts):
        if part.kind in ("text", "setup"):
            cell = new_markdown_cell if part.kind == "text" else new_code_cell
            made.append(cell(part.text, id=f"{number}-ex-{part.kind}"))
    for place, exercise in enumerate(exercises(parts), 1):
        made += _exercise(f"{number}-ex-{exercise.name}", place, exercise, form)
    return made


def _questions(number: str, parts: list[Part]) -> Iterator[NotebookNode]:
    """A cell with questions; answers are folded, also where there is no kernel."""
    text = ["## Questions\nAnswer in your head, or to your neighbour; then unfold."]
    for place, part in enumerate(parts, 1):
        question, answer = part.text.split("\n---\n")
        folded = f"<details>\n<summary>Answer</summary>\n\n{answer.strip()}\n\n</details>"
        text.append(f"**{place}.** {question.strip()}\n\n{folded}")
    if parts:
        yield new_markdown_cell("\n\n".join(text), id=f"{number}-ex-questions")


def _exercise(name: str, place: int, exercise: Exercise, form: str) -> Iterator[NotebookNode]:
    for part in exercise.parts:
        if part.kind == "exercise":
            title, _, text = part.text.partition("\n")
            _, kind, time = (word.strip() for word in part.words.split(","))
            head = f"### Exercise {place}. {title}\n*{kind.capitalize()} · {time}*\n"
            yield new_markdown_cell(f"{head}\n{text.strip()}", id=name)
        elif part.kind in ("given", "text"):
            cell = new_code_cell if part.kind == "given" else new_markdown_cell
            yield cell(part.text, id=f"{name}-{part.kind}")
        elif part.kind in ("answer", "check"):
            text = {"marked": part.text, "learner": cleared(part.text)}.get(form) or _with_solution(part.text)
            cell = new_code_cell(text, id=f"{name}-{part.kind}")
            cell.metadata["nbgrader"] = nbgrader(cell.id, part)
            yield cell


def _with_solution(cell: str) -> str:
    return HIDDEN.sub("", SOLUTION.sub(lambda m: m[2], cell)).strip("\n")


def nbgrader(grade_id: str, part: Part) -> dict:
    """What nbgrader has to know of a cell (its schema 3)."""
    graded = part.kind == "check"
    about = {"schema_version": 3, "grade_id": grade_id, "cell_type": "code", "task": False}
    about |= {"grade": graded, "locked": graded, "solution": not graded}
    return about | ({"points": int(part.words)} if graded else {})


def is_exercise(cell: NotebookNode) -> bool:
    """Whether a notebook's cell is one of this tool's."""
    return re.match(r"\d\d-ex-", cell.id) is not None


def content(cell: NotebookNode) -> tuple:
    """What of a cell does not depend on a run."""
    return cell.cell_type, cell.id, cell.source, dict(cell.metadata)


def renew(path: Path, notebook: NotebookNode) -> bool:
    """Bring a notebook's exercises in step with a source, and run them; return whether they were not."""
    new = cells(path, "learner")
    if [*map(content, filter(is_exercise, notebook.cells))] == [*map(content, new)]:
        return False
    old = notebook.cells
    before = len([*takewhile(lambda cell: not is_exercise(cell), old)])
    behind = [cell for cell in old[before:] if not is_exercise(cell)]
    notebook.cells = [*old[:before], *_run(new), *behind]
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        if is_exercise(cell):
            cell.execution_count = count
            for output in cell.outputs:
                output |= {"execution_count": count} if "execution_count" in output else {}
    return True


def _run(made: list[NotebookNode]) -> list[NotebookNode]:
    """The same cells with the outputs of a run from top to bottom at scale smoke."""
    book = new_notebook(cells=made)
    with tempfile.TemporaryDirectory() as folder:
        own = {"FACEGEN_SCALE": "smoke", "FACEGEN_BUILD": folder, "TF_CPP_MIN_LOG_LEVEL": "3"}
        client = NotebookClient(book, kernel_name="python3", timeout=600, coalesce_streams=True)
        client.execute(env=os.environ | own, stderr=subprocess.DEVNULL)
    return tidy(book).cells


def write_notebooks() -> None:
    """Bring all notebooks in step with the sources."""
    for path in sources():
        target = ROOT / "notebooks" / f"{path.stem}.ipynb"
        notebook = nbformat.read(target, 4)
        if renew(path, notebook):
            write_text(target, nbformat.writes(notebook) + "\n")
            print(f"{target.name}: new exercises")


def write_sets(folder: Path) -> None:
    """Write the solutions, and a course folder for nbgrader: an assignment for each notebook."""
    course = folder / "nbgrader"
    for path in sources():
        for form, target in (("solution", folder / "solutions"), ("marked", course / "source" / path.stem)):
            target.mkdir(parents=True, exist_ok=True)
            write_text(target / f"{path.stem}.ipynb", nbformat.writes(book(path, form)) + "\n")
    write_text(course / "nbgrader_config.py", CONFIG)
    print(f"{folder / 'solutions'}: a notebook with the solutions for each")
    print(f"{course}: a course folder for nbgrader")


def book(path: Path, form: str) -> NotebookNode:
    """A notebook of one source's questions and exercises alone."""
    title = new_markdown_cell(f"# Exercises: {path.stem}", id=f"{path.stem[:2]}-title")
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return new_notebook(cells=[title, *cells(path, form)], metadata=about)


def code(made: Iterable[NotebookNode]) -> list[str]:
    """The sources of code cells."""
    return [cell.source for cell in made if cell.cell_type == "code"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--teacher", type=Path, metavar="DIR")
    folder = parser.parse_args().teacher
    try:
        if folder:
            write_sets(folder)
        else:
            write_notebooks()
    except FacegenError as error:
        sys.exit(str(error))
