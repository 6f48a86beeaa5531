"""Checks of the exercises of notebook 10."""

from collections.abc import Mapping

import numpy as np

from facegen.clay import odds
from facegen.conditions import yaml
from facegen.course.exercises import Check, near, need

MEN, ATTRACTIVE = 0.45, (0.34, 0.66)  # share of men; of men and of women who are attractive, without age
LIPSTICK, MAKEUP = "Wearing_Lipstick", "Heavy_Makeup"


@Check
def company(share, random):
    """The share of women among those who have an attribute that more women have."""
    women = (1 - MEN) * ATTRACTIVE[1]
    need(0 <= share <= 1, "a share, from 0 to 1; of 100 it would be per cent")
    need(
        not near(share, ATTRACTIVE[1], 0.01),
        "that is the share of the women who have it, the other way round",
    )
    need(not near(share, women, 0.01), "that is the share of *all* people; divide by how many have it at all")
    need(not near(share, 1 - MEN, 0.01), "that is the share of women among all, whether they have it or not")
    need(near(share, women / (women + MEN * ATTRACTIVE[0]), 0.01), "women who have it / all who have it")
    return "who is shown with the word is a woman in 70 of 100 cases: that, too, can be learned from it"


@Check
def drag(measure, random):
    """By how much the share of faces that are read as having each attribute rises with a toggle."""
    before = random.random((80, 4)) < (0.5, 0.3, 0.8, 0.1)
    after = before ^ (random.random((80, 4)) < (0.4, 0.1, 0.3, 0.0))
    expected = after.mean(axis=0) - before.mean(axis=0)
    found = measure(before, after)
    need(np.shape(found) == (4,), f"expected a number for each of 4 columns, found shape {np.shape(found)}")
    need(not near(found, -expected), "with the toggle minus without it, not the other way round")
    need(
        not near(found, (before ^ after).mean(axis=0)),
        "that is how many readings change; those that come and those that go cancel each other",
    )
    need(
        not near(found, (after & ~before).mean(axis=0)), "that counts those who gain it, and not who lose it"
    )
    need(near(found, expected), "the share of faces after, minus the share of faces before, by column")
    return "above 0 it comes along, below 0 it is driven out"


@Check
def by_group(measure, random):
    """Of those who have an attribute, how many are found: in a group, and among all others."""
    group, there = random.random((2, 200)) < np.array([[0.3], [0.4]])
    seen = np.where(random.random(200) < np.where(group, 0.4, 0.1), ~there, there)
    parts = [part & there for part in (group, ~group)]
    expected = [seen[part].mean() for part in parts]
    found = measure(seen, there, group)
    need(np.shape(found) == (2,), "expected two numbers: of the group, and of all others")
    need(not near(found, expected[::-1]), "the group comes first, the others second")
    need(
        not near(found, [(seen == there)[part].mean() for part in (group, ~group)]),
        "that is accuracy: whoever lacks it and is left alone counts, too",
    )
    need(
        not near(found, [there[part & seen].mean() for part in (group, ~group)]),
        "that is precision: it does not see who has it and is missed",
    )
    need(
        not near(found, [(seen & part).sum() / there.sum() for part in parts]),
        "divide by those who have it *in that group*, else a small group is always found less",
    )
    need(near(found, expected), "of those in the group who have it, the share that is seen to have it")
    return "this is recall; who is never found is not in the room, for whoever trusts the reader"


@Check
def world(text, random):
    """Odds by which lipstick says nothing of sex, and is not rare."""
    table = odds.merged(odds.default(), yaml.parse(text, "your world"), "your world")
    men, women = shares(table)
    told = f"{men:.0%} of men and {women:.0%} of women wear it"
    need(women > 0, f"{told}: nobody does; a word that nobody has teaches nothing")
    need(men > 0, f"{told}: no man does")
    need(
        not (men < women and near(table["passing"][LIPSTICK], [table["passing"][LIPSTICK][1]] * 2)),
        f"{told}: heavy make-up brings lipstick with it, and only women have it",
    )
    need(abs(men - women) < 0.02, f"{told}: still a sign of the sex")
    need(men > 0.2, f"{told}: too few to learn from, at least a fifth")
    return f"{told}: who wears it is a man as often as anybody is"


def shares(table: Mapping) -> list[float]:
    """How many men and women wear lipstick by these odds: by itself, or since it comes with make-up."""
    found, brought = [], table["also"].get(MAKEUP, {}).get(LIPSTICK, 0)
    for male in (True, False):
        own, makeup, also = (
            odds.chance(per_cent, male)
            for per_cent in (table["passing"][LIPSTICK], table["passing"][MAKEUP], brought)
        )
        found.append(own + (1 - own) * makeup * also)
    return found


@Check
def card(about, random):
    """What is said of a set of faces: who is in it and agreed, how they are read, what it is not for."""
    parts = ("faces", "count", "agreed", "found", "not_for")
    need(
        isinstance(about, Mapping) and {*parts} <= {*about},
        f"expected a dict with the keys {', '.join(parts)}",
    )
    count, found, agreed = about["count"], about["found"], about["agreed"]
    need(len(count) >= 2 and min(count.values()) > 0, "one group says nothing about the others: at least two")
    need(max(count.values()) <= about["faces"], "a group has more faces than there are in all")
    need(agreed >= about["faces"], "somebody was not asked: take these pictures out first")
    need(agreed <= about["faces"], f"{agreed} agreed, and {about['faces']} are shown: count faces")
    need(count.keys() == found.keys(), "the same groups in `found` as in `count`: who was left out?")
    need(all(0 <= share <= 1 for share in found.values()), "shares go from 0 to 1")
    for group, share in found.items():
        read = share * count[group]
        need(
            abs(read - round(read)) <= 0.01 * count[group],
            f"{share:g} of {count[group]} in {group!r} is no whole number of faces",
        )
    refused = about["not_for"]
    need(
        not isinstance(refused, str) and len(refused) >= 2,
        "a list of at least two uses that you would refuse",
    )
    best, worst = max(found.values()), min(found.values())
    return f"from {worst:.0%} to {best:.0%}: say the lowest first, it is what somebody will meet"
