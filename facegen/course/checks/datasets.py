"""Checks of the exercises of notebook 1."""

from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from facegen import clay
from facegen.clay import odds
from facegen.course.exercises import Check, NotYet, near, need
from facegen.data.dataset import FaceSet
from facegen.data.validation import validate
from facegen.utils.errors import FacegenError

CROWD = 800  # people whose glasses are counted


@Check
def flatterer(accuracy, f1, balanced, random):
    """Of 100 people five are bald, and somebody says of each that they are not."""
    need(not near(accuracy, 95), "95 of 100, yes: as a number from 0 to 1, as the other two")
    need(not near(accuracy, 0.05), "0.05 is how often this is wrong; accuracy is how often it is right")
    need(near(accuracy, 0.95), "accuracy: of 100 answers, how many are right?")
    need(not near(f1, 0.95), "F1 does not count those rightly called not bald: that would be accuracy again")
    need(near(f1, 0), "F1 is 2 hits / (2 hits + misses + false alarms); how many of the bald were found?")
    need(not near(balanced, 0.95), "balanced accuracy lets either group count the same, however small it is")
    need(near(balanced, 0.5), "balanced accuracy: 0 of the bald are right, and all of the others; the mean?")
    return "95 % accuracy, an F1 of 0, and a balanced accuracy that a coin has, too"


@Check
def never_together(pairs, random):
    """Which columns are never on together?"""
    values = (random.random((9, 6)) < 0.4).astype("float32")
    values[:, 1] *= 1 - values[:, 0]
    values[:, 2:4] = [[1, 1], *[[1, 0], [0, 1]] * 4]  # they avoid each other, but for the first row
    values[:, 5] = 0
    found = pairs(values)
    apart = isinstance(found, tuple) and len(found) == 2
    need(not apart, "`np.where` gives rows and columns apart; of `np.argwhere` each row is a pair")
    found = [tuple(map(int, pair)) for pair in found]
    expected = {(i, j) for i, j in combinations(range(6), 2) if not (values[:, i] * values[:, j]).any()}
    need(all(i != j for i, j in found), "a column is no pair with itself")
    need(all(i < j for i, j in found), "each pair once: (0, 1), and not (1, 0) as well")
    for i, j in sorted({*found} - expected):
        row = int((values[:, i] * values[:, j]).argmax())
        raise NotYet(f"({i}, {j}) is in your list, but columns {i} and {j} are both on in row {row}")
    lost = sorted(expected - {*found})
    need(
        not any(pair[1] == 5 for pair in lost), "a column that is never on is never on together with another"
    )
    need(not lost, f"{lost[:1]} is missing: no row has both on")
    return f"{len(expected)} pairs of columns are never on together, and no others"


@Check
def glasses(world, random):
    """A world in which glasses say nothing about who is a man."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "world.yaml")
        file.write_text(world, encoding="utf-8")
        try:
            table = odds.read(file)
        except FacegenError as error:
            raise NotYet(f"the table cannot be read: {str(error).replace(str(file), 'your text')}") from error
    need(table["passing"] != odds.default()["passing"], "this is still clay's own world: 18 % and 10 %")
    people = clay.Population(CROWD, seed=int(random.integers(1000)), odds=table, backdrops="plain")
    crowd = [people.attributes(i) for i in range(CROWD)]
    male, worn = (np.array([person[name] for person in crowd], bool) for name in ("Male", "Eyeglasses"))
    need(
        0 < worn.mean() < 1,
        f"{worn.mean():.0%} wear glasses: what everybody has, or nobody, nothing can learn",
    )
    men, women = worn[male].mean(), worn[~male].mean()
    need(
        abs(men - women) < 0.1,
        f"{men:.0%} of the men and {women:.0%} of the women: glasses still tell who is who",
    )
    need(
        0.25 < worn.mean() < 0.42,
        f"{worn.mean():.0%} wear glasses; a third was asked for, and numbers are per cent",
    )
    return f"{men:.0%} of the men and {women:.0%} of the women wear glasses"


@Check
def mine(faces, random):
    """A face set of one's own."""
    need(isinstance(faces, FaceSet), "expected what `facegen.read(folder)` returns")
    need(len(faces) >= 10, f"{len(faces)} pictures; ten were asked for")
    report = validate(faces, progress=False)
    need(
        report.ok,
        f"not whole: {[*report.broken, *report.missing, *report.strays][:1]}; `validate(mine)` tells more",
    )
    columns = [*faces.names, *(column for of_one in faces.names.values() for column in of_one)]
    for wanted in ("partition", "identity"):
        other = [name for name in columns if name != wanted and name.strip().lower() == wanted]
        need(not other, f"your column is called {other[:1]}; it would be read as {wanted!r}")
    need((faces.partition == 2).any(), "nothing to judge by: name some rows `test` in a column `partition`")
    need((faces.identity >= 0).any(), "nobody is told apart: a number for who it is, in a column `identity`")
    both = {*faces.identity[faces.partition == 0]} & {*faces.identity[faces.partition == 2]} - {-1}
    need(
        not both,
        f"person {min(both, default=0)} is in `train` and in `test`: a model may pass by recognising them",
    )
    varied = [name for name, rows in faces.conditions.items() if (rows.min(axis=0) < rows.max(axis=0)).any()]
    need(bool(varied), "all your pictures have the same labels: there is nothing to learn from them")
    return f"{len(faces)} pictures that can be learned from; what varies is {', '.join(varied)}"
