"""Checks of the exercises of notebook 3."""

import json

import numpy as np

from facegen import clay, metrics
from facegen.conditions.attributes import NAMES, index
from facegen.course.exercises import Check, near, need
from facegen.metrics.controllability import balanced_accuracy
from facegen.metrics.formatting import difficulty_table
from facegen.models import zoo

SIXTEEN = 11  # seed of the people whom a learner reads
ROUNDED = 0.006  # how far two decimals may be from a number


@Check
def chance(f1, random):
    """A fifth are asked to smile, half are read as smiling, each without regard to the other."""
    need(
        not near(f1, 0.5, 0.01),
        "0.5 is how often the reader is right; F1 leaves out those rightly read as calm",
    )
    need(
        not near(f1, 0.1, 0.01),
        "0.1 is the share of hits; F1 sets it beside what was asked for and what was read",
    )
    need(
        not near(f1, 0.35, 0.01),
        "0.35 is the ordinary mean of precision (0.2) and recall (0.5); F1 is the harmonic one",
    )
    need(
        near(f1, 0.2857, 0.01),
        "F1 = 2 hits / (all that were asked for + all that were read); hits: 0.2 x 0.5",
    )
    return "0.29 for no obedience at all: so each F1 needs its chance beside it"


@Check
def f1(score, random):
    """F1 of each column."""
    wanted = random.random((60, 3)) < (0.5, 0.2, 0.4)
    seen = wanted ^ (random.random((60, 3)) < (0.1, 0.3, 0.6))
    found, hits = score(seen, wanted), (seen & wanted).sum(axis=0)
    need(np.shape(found) == (3,), f"expected a number for each of 3 columns, found shape {np.shape(found)}")
    need(
        not near(found, (seen == wanted).mean(axis=0)),
        "that is accuracy: it counts those rightly left alone, too",
    )
    need(
        not near(found, hits / seen.sum(axis=0)),
        "that is precision: it does not see who was asked for and missed",
    )
    need(not near(found, hits / wanted.sum(axis=0)), "that is recall: it does not see false alarms")
    need(
        near(found, 2 * hits / (seen.sum(axis=0) + wanted.sum(axis=0))),
        "F1 = 2 hits / (asked for + read), by column",
    )
    return "the same numbers as `metrics.control`"


@Check
def mismatched(shuffle, random):
    """Somebody else's attributes for each face."""
    for _ in range(20):
        table = _different_rows(random)
        given = np.asarray(shuffle(table.copy(), random))
        need(
            given.shape == table.shape, f"expected an array {table.shape} as the table's, found {given.shape}"
        )
        rows = [np.flatnonzero((table == row).all(axis=1)) for row in given]
        if not all(map(len, rows)):
            moved = np.array_equal(given.sum(axis=1), table.sum(axis=1))
            need(not moved, "these are the faces' own attributes in other columns: move whole rows")
            need(
                False,
                "there are rows that no face has: a discriminator would learn to know impossible people",
            )
        own = [i for i, row in enumerate(rows) if i in row]
        need(
            not own,
            f"face {own[:1]} has kept its own attributes, and would be called fake with its true ones",
        )
        need(
            len({*map(tuple, given)}) == len(table),
            "a row was given twice, and another one to nobody: each is dealt out once",
        )
    return "everybody has somebody else's attributes, and all of them are possible people"


def _different_rows(random: np.random.Generator) -> np.ndarray:
    """Eleven to thirteen different rows of six attributes."""
    numbers = 3 + random.permutation(58)[: random.integers(11, 14)]
    return ((numbers[:, None] >> np.arange(6)) & 1).astype("float32")


def ranks() -> dict[str, float]:
    """Rank correlations with "heeded" in the report of `clay-gan`."""
    report = json.loads((zoo.find("clay-gan") / "measures.json").read_text(encoding="utf-8"))
    numbers = difficulty_table(report).splitlines()[-1].split()[-4:]
    rare, _, area, change = map(float, numbers)
    return {"rare": rare, "area": area, "change": change}


@Check
def reasons(rare, area, change, best, random):
    """Rank correlations of three reasons with how well an attribute is heeded."""
    found, true = {"rare": rare, "area": area, "change": change}, ranks()
    need(
        not all(near(value, -true[name], ROUNDED) for name, value in found.items()),
        "the signs are turned round",
    )
    for name, value in found.items():
        near_to = [other for other in true if other != name and near(value, true[other], ROUNDED)]
        need(not near_to, f"{value} is what {near_to} gives; which word stood in REASON for {name!r}?")
        need(near(value, true[name], ROUNDED), f"with REASON = {name!r}, write what the cell prints")
    largest = max(true, key=true.get)
    need(best == largest, "the largest of the three numbers goes best with being heeded")
    return f"{largest!r} goes best with being heeded, at {true[largest]:.2f}; none of them explains it all"


def sixteen() -> np.ndarray:
    """Attributes of sixteen people of clay, float32 (16, 40)."""
    people = clay.Population(16, seed=SIXTEEN)
    crowd = [people.attributes(i) for i in range(16)]
    return np.array([[person[name] for name in NAMES] for person in crowd], "float32")


@Check
def eyes(smiles, random):
    """Which of the sixteen smile, in a learner's eyes?"""
    asked = sixteen()[:, [index("Smiling")]] > 0.5
    need(np.shape(smiles) == (16,), f"expected 16 answers, one for each face; found {np.shape(smiles)}")
    seen = np.asarray(smiles)[:, None] > 0.5
    need(
        0 < seen.mean() < 1,
        "the same answer for all: its balanced accuracy is 0.5, and says nothing about the faces",
    )
    score = balanced_accuracy(seen, asked)[0]
    need(
        score > 0.35,
        f"balanced accuracy {score:.2f}, less than chance: have you written 1 for the calm ones?",
    )
    need(
        score > 0.65,
        f"balanced accuracy {score:.2f}, near chance: look at the corners of the mouths once more",
    )
    own = metrics.control(seen, asked, ["Smiling"])["f1_mean"]
    return f"balanced accuracy {score:.2f}, F1 {own:.2f}: what your eyes read of what was asked for"
