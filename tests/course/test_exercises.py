"""The exercises: what notebooks hold, and that each takes the right answer and no plausible wrong one."""

import json
import re
from collections.abc import Iterator
from itertools import combinations, permutations

import keras
import nbformat
import numpy as np
import pytest

import exercises
from facegen.conditions.interpolation import slerp
from facegen.course.checks import conditional_gan, dcgan, live, optimizers, orientation
from facegen.course.exercises import TRIED, Check, NotYet, Verdict, near, need
from facegen.metrics.formatting import rank_correlation
from facegen.models import GAN, Deconv, zoo
from facegen.utils.errors import FacegenError
from facegen.viz import architectures

KINDS = {"predict and run", "change and observe", "write a missing piece", "bring your own data"}
SOURCES = exercises.sources()
PARTS = {path: exercises.read(path) for path in SOURCES}
each = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


def every() -> Iterator:
    for path, parts in PARTS.items():
        for exercise in exercises.exercises(parts):
            yield pytest.param(path, exercise, id=f"{path.stem[:2]}-{exercise.name}")


each_exercise = pytest.mark.parametrize("path, exercise", [*every()])


class Answered:
    """An exercise's cells, run one after the other in a folder of their own, with one form of the answer."""

    def __init__(self, path, exercise):
        self.exercise, self.names = exercise, {"__name__": "answered"}
        self._run("\n".join(part.text for part in PARTS[path] if part.kind == "setup"))

    def _run(self, code: str) -> None:
        exec(compile(code, self.exercise.name, "exec"), self.names)

    def verdict(self, answer: str, caplog) -> str:
        """What the learner's checking cell says."""
        said = ""
        for part in self.exercise.parts:
            if part.kind in ("given", "answer"):
                self._run(answer if part.kind == "answer" else part.text)
            elif part.kind == "check":
                self._run(exercises.cleared(part.text))
                said = caplog.messages[-1]
        return said

    def grade(self) -> None:
        """Run the graded cell, marks and all."""
        self._run(next(part.text for part in self.exercise.parts if part.kind == "check"))


@pytest.fixture(autouse=True)
def smoke(monkeypatch, tmp_path):
    monkeypatch.setenv("FACEGEN_SCALE", "smoke")
    monkeypatch.setenv("FACEGEN_BUILD", str(tmp_path / "build"))


@each_exercise
def test_the_solution_passes(path, exercise, caplog):
    answered = Answered(path, exercise)
    assert answered.verdict(exercises.solved(exercise.answer, "...\n"), caplog).startswith("✓ right: ")
    answered.grade()


@each_exercise
def test_the_empty_version_is_not_yet_and_stops_nothing(path, exercise, caplog):
    answered = Answered(path, exercise)
    assert answered.verdict(exercises.cleared(exercise.answer), caplog).startswith("○ not yet: ")
    with pytest.raises(NotYet):
        answered.grade()


@each_exercise
def test_three_wrong_answers_get_hints_of_their_own(path, exercise, caplog):
    answered, said = Answered(path, exercise), []
    for hint, answer in exercise.wrong:
        said.append(answered.verdict(answer, caplog))
        assert said[-1].startswith("○ not yet: ") and hint in said[-1]
        with pytest.raises(NotYet):
            answered.grade()
    assert len({*said}) == len(said) >= 3


def test_each_notebook_has_exercises():
    taught = {path.stem for path in (exercises.ROOT / "notebooks").glob("*.ipynb")} - {"00_start"}
    assert taught == {path.stem for path in SOURCES}


@each
def test_four_exercises_of_four_kinds(path):
    words = [part.words.split(", ") for part in PARTS[path] if part.kind == "exercise"]
    assert {kind for _, kind, _ in words} == KINDS
    assert all(re.fullmatch(r"\d+ minutes|an evening", time) for *_, time in words)
    assert any(time == "5 minutes" for *_, time in words)


@each
def test_five_questions_whose_answers_explain(path):
    asked = [part.text.split("\n---\n") for part in PARTS[path] if part.kind == "question"]
    assert len(asked) == 5
    for question, answer in asked:
        assert question.strip().endswith(("?", ".")) and len(answer.split()) >= 25
    cell = next(cell for cell in exercises.cells(path, "learner") if cell.id.endswith("questions"))
    assert (
        cell.source.count("<details>\n<summary>Answer</summary>\n\n") == 5
    )  # a blank line: Markdown follows


@each
def test_notebooks_have_what_the_sources_say(path):
    """python tools/exercises.py mends it"""
    made = exercises.cells(path, "learner")
    text = "\n".join(cell.source for cell in made)
    assert "SOLUTION" not in text and "HIDDEN" not in text and ".grade(" not in text
    notebook = nbformat.read(exercises.ROOT / "notebooks" / f"{path.stem}.ipynb", 4)
    found = filter(exercises.is_exercise, notebook.cells)
    assert [*map(exercises.content, found)] == [*map(exercises.content, made)]


# of nbgrader's schema of a cell's metadata, version 3
NEEDED = {"schema_version": int, "grade": bool, "locked": bool, "solution": bool}
ALLOWED = NEEDED | {"task": bool, "grade_id": str, "points": int, "cell_type": str, "checksum": str}


@each
def test_a_graded_set_says_what_nbgrader_asks_for(path):
    made = exercises.cells(path, "marked")
    about = [cell.metadata["nbgrader"] for cell in made if "nbgrader" in cell.metadata]
    for one in about:
        assert one.keys() >= NEEDED.keys() and all(isinstance(one[key], ALLOWED[key]) for key in one)
        assert one["schema_version"] == 3 and re.fullmatch(r"[\w-]+", one["grade_id"], re.ASCII)
        assert one["grade"] != one["solution"] and one["grade"] == one["locked"] == ("points" in one)
    names = [one["grade_id"] for one in about]
    assert len({*names}) == len(names) == 2 * len(exercises.exercises(PARTS[path]))
    for cell in made:
        marks = ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS") if "nbgrader" in cell.metadata else ()
        assert [mark in cell.source for mark in marks].count(True) == len(marks) // 2


@each
def test_nbgrader_itself_makes_the_learners_cells_of_it(path, tmp_path):
    form = pytest.importorskip("nbgrader.nbgraderformat", reason="a teacher's tool, not the course's")
    from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
    from traitlets.config import Config

    exercises.write_sets(tmp_path)
    notebook = form.read(tmp_path / "nbgrader" / "source" / path.stem / f"{path.stem}.ipynb", 4)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            form.MetadataValidator().validate_cell(cell)
    names = {"get_config": Config, "c": None}
    exec((tmp_path / "nbgrader" / "nbgrader_config.py").read_text(), names)
    for clear in (ClearSolutions, ClearHiddenTests):
        notebook, _ = clear(config=names["c"]).preprocess(notebook, {})
    assert exercises.code(notebook.cells) == exercises.code(exercises.cells(path, "learner"))


def test_solutions_have_no_marks_and_keep_the_code(tmp_path):
    exercises.write_sets(tmp_path)
    for path in SOURCES:
        code = "\n".join(
            exercises.code(nbformat.read(tmp_path / "solutions" / f"{path.stem}.ipynb", 4).cells)
        )
        assert "### " not in code and ".grade(" not in code and exercises.STUB not in code


@pytest.mark.parametrize(
    "cell, lacking",
    [
        ("[query]\n1", "one of the kinds text, "),
        ("[question]\n# Why?", "a line `---`"),
        ("[exercise] a, 5 minutes\n# A", "`NAME, KIND, TIME`"),
        ("[answer]\nx = 1", "### BEGIN SOLUTION"),
        ("[check] 2\ncheck.a(x)", "### BEGIN HIDDEN TESTS"),
        ("[check]\n### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS", "points"),
    ],
)
def test_a_cell_of_another_form_is_named(cell, lacking, tmp_path):
    (tmp_path / "01_a.py").write_text(f"# %% [text]\n# a\n# %% {cell}\n")
    with pytest.raises(FacegenError, match=re.escape(lacking)) as error:
        exercises.read(tmp_path / "01_a.py")
    assert f"01_a.py, cell `{cell.splitlines()[0]}" in str(error.value)


CELL = """def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
"""


def test_a_cell_in_its_forms():
    assert exercises.cleared(CELL) == "def double(x):\n    # your code here"
    assert exercises.solved(CELL, "return x\n# no") == "def double(x):\n    return x\n    # no"
    assert exercises.solved(CELL, "...\nx") == "def double(x):\n    return 2 * x\n    x"
    assert exercises.cleared("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc") == "a\nc"


def test_outputs_are_kept_where_nothing_has_changed(tmp_path):
    path = SOURCES[0]
    notebook = exercises.book(path, "learner")
    notebook.cells.append(nbformat.v4.new_markdown_cell("behind", id="last"))
    before = nbformat.writes(notebook)
    assert not exercises.renew(path, notebook) and nbformat.writes(notebook) == before


def test_exercises_that_have_changed_are_run_and_keep_their_place(tmp_path):
    source = tmp_path / "07_a.py"
    check = "1 + 2\n### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS"
    answer = "x = 1\n### BEGIN SOLUTION\nx = 2\n### END SOLUTION"
    source.write_text(
        f"# %% [exercise] a, b, 5 minutes\n# A\n# %% [answer]\n{answer}\n# %% [check] 1\n{check}\n"
    )
    notebook = exercises.book(source, "learner")
    for cell in (nbformat.v4.new_code_cell("0", id="first"), nbformat.v4.new_markdown_cell("z", id="last")):
        notebook.cells.insert(1 if cell.id == "first" else len(notebook.cells), cell)
    source.write_text(source.read_text().replace("1 + 2", "x + 2"))
    assert exercises.renew(source, notebook)
    assert [cell.id for cell in notebook.cells] == [
        "07-title", "first", "07-ex-a", "07-ex-a-answer", "07-ex-a-check", "last"
    ]  # fmt: skip
    made = notebook.cells[4]
    assert (made.execution_count, made.outputs[0].data["text/plain"]) == (3, "3")
    assert made.outputs[0].execution_count == 3


def test_a_place_may_be_told_as_a_whole_pixel():
    told = {place: orientation.where.verdict(0.6, 0.0, place).right for place in (51, 51.2, 51.5, 50.5, 52)}
    assert told == {51: True, 51.2: True, 51.5: True, 50.5: False, 52: False}


def test_checks_agree_with_the_package():
    """What a check compares with is written in NumPy, for its reader; Keras and the package say the same."""
    gradients = np.array([0.5, -2.0, 1.5, 0.1])
    paths = {
        keras.optimizers.SGD(0.1, momentum=0.9): optimizers.momentum_path(gradients, 0.1, 0.9),
        keras.optimizers.Adam(0.01): optimizers.adam_path(gradients, 0.01, 0.9, 0.999),
    }
    for optimizer, expected in paths.items():
        weight, found = keras.Variable(0.0), []
        for g in gradients:
            optimizer.apply([np.float32(g)], [weight])
            found.append(float(weight.numpy()))
        np.testing.assert_allclose(found, expected, rtol=1e-4)
    network = GAN({"attributes": ["Smiling"]}, size=48, width=16, discriminator_width=16)
    drawn, judged = map(architectures.steps, (network.generator, network.discriminator))
    assert [[step.shape for step in of] for of in (drawn, judged)] == [dcgan.GROWN, dcgan.SHRUNK]
    one, other = np.random.default_rng(0).normal(size=(2, 8))
    other *= np.linalg.norm(one) / np.linalg.norm(other)
    np.testing.assert_allclose(live.great_circle(one, other, 0.3), slerp(one, other, 0.3))
    assert Deconv({"emotion": ["a", "b"]}, (5, 4), 5, [8], 8).image_shape == (320, 256, 3)
    report = json.loads((zoo.find("clay-gan") / "measures.json").read_text())
    by_name, toggles = report["control"]["attributes"], report["toggle"]["attributes"]
    heeded = [(row["f1"] - row["floor"]) / (row["ceiling"] - row["floor"]) for row in by_name.values()]
    columns = {
        "rare": [min(row["frequency"], 1 - row["frequency"]) for row in by_name.values()],
        "area": [toggles[name]["area"] for name in by_name],
        "change": [toggles[name]["change_truth"] for name in by_name],
    }
    found = {name: round(rank_correlation(heeded, values), 2) for name, values in columns.items()}
    assert conditional_gan.ranks() == pytest.approx(found, abs=0.0051)


@Check
def doubled(double, random):
    x = random.random()
    need(not near(double(x), x), "that is the number itself")
    need(near(double(x), 2 * x), "twice as much")
    return "the double"


def broken(x):
    return x["a"]


@pytest.mark.parametrize(
    "answer, said",
    [
        (None, "nothing is written yet"),
        (..., "nothing is written yet"),
        (lambda x: None, "`<lambda>` returns nothing yet"),
        (lambda x: x, "that is the number itself"),
        (lambda x: [x], "twice as much"),
        (lambda x: "two", "twice as much"),
        (broken, "`broken` ended in TypeError: 'float' object is not subscriptable"),
    ],
)
def test_what_is_said_of_an_answer(answer, said):
    assert doubled.verdict(answer) == Verdict(False, said)
    with pytest.raises(NotYet, match=re.escape(said)):
        doubled.grade(answer)


def test_a_graded_answer_must_do_for_other_numbers():
    first = 2 * np.random.default_rng(TRIED).random()
    assert doubled.verdict(lambda x: first).right
    with pytest.raises(NotYet):
        doubled.grade(lambda x: first)


def test_a_verdict_in_a_notebook_is_text():
    assert Verdict(False, "a < b")._repr_html_() == "<div>○ not yet: a &lt; b</div>"


@pytest.mark.parametrize("pairs", [permutations, combinations], ids=["each twice", "each once"])
@pytest.mark.parametrize("step", [1, -1], ids=["as they come", "turned"])
def test_bytes_that_wrap_round_are_named_whatever_pairs_they_are_of(pairs, step):
    def diversity(pictures):
        return np.mean([np.abs(a - b).mean() for a, b in pairs(pictures[::step], 2)])

    with pytest.raises(AssertionError, match="bytes wrap round"):
        dcgan.diversity.grade(diversity)
