# %% [question]
# A file of CelebA's labels and a folder of its pictures both have 202,599 entries. Why is it still wrong to
# pair the first line with the first file, the second with the second, and so on?
# ---
# Programs list a folder in an order of their own (by time, by text, as the disk has it), and one missing
# picture shifts all that come after it. The labels are then noise, and nothing fails: the network just
# learns little. So rows and pictures are joined by *name*.

# %% [question]
# A classifier is right about `Bald` in 95 % of the test pictures. Is it good?
# ---
# You cannot tell. If 5 % of the people are bald, saying "not bald" without looking is right as often. Ask
# what such a guess reaches, and use a measure that it cannot win: its F1 is 0, and its balanced accuracy
# 0.5.

# %% [question]
# Why is nobody in two of the three parts of CelebA?
# ---
# There are about twenty pictures of each person. If some of them were for training and some for the test, a
# model that recognises the person could answer from memory, and the test would measure how well it
# remembers, not what it has understood.

# %% [question]
# *Wearing_Lipstick* and *Male* are strongly related in the labels. Can a network learn what lipstick is by
# itself?
# ---
# Only as far as the data separate the two. Where no man wears lipstick, "red lips" and "a woman's face" are
# equally good explanations of the label, and the network takes both. In clay that comes from a 0 that the
# course's authors wrote into a table; nothing but other data could undo it.

# %% [question]
# The pixels are kept as bytes (0 to 255) in a file that is mapped into memory. Why not as floats in an
# ordinary array?
# ---
# Floats take four times the room and say no more: a picture's file has bytes. And of a mapped file only the
# pages that are read have to be in memory, so that a set of 2.5 GB can be shuffled on a machine with less
# than that free.

# %% [text]
# ## Exercises
# Each has a cell for your answer and a cell that checks it: it says *not yet* with a hint, as often as you
# like, and stops nothing. They need nothing of the notebook above, so you can begin with any of them.

# %% [setup]
import numpy as np

import facegen
from facegen import course
from facegen.course.checks import datasets as check

# %% [exercise] flatterer, predict and run, 5 minutes
# The flatterer
# Of 100 people five are bald. Somebody who does not even look says of each that they are *not* bald. What
# are the accuracy, the F1 and the balanced accuracy of these answers about `Bald`? Predict all three, as
# numbers from 0 to 1; then run the cells.

# %% [answer]
accuracy, f1, balanced = None, None, None
### BEGIN SOLUTION
accuracy, f1, balanced = 0.95, 0, 0.5
### END SOLUTION

# %% [check] 1
check.flatterer(accuracy, f1, balanced)
### BEGIN HIDDEN TESTS
check.flatterer.grade(accuracy, f1, balanced)
### END HIDDEN TESTS

# %% [wrong] how often this is wrong
# accuracy, f1, balanced = 0.05, 0, 0.5

# %% [wrong] accuracy again
# accuracy, f1, balanced = 0.95, 0.95, 0.5

# %% [wrong] either group count the same
# accuracy, f1, balanced = 0.95, 0, 0.95

# %% [wrong] from 0 to 1
# accuracy, f1, balanced = 95, 0, 50

# %% [exercise] never, write a missing piece, 15 minutes
# Never together
# Write a function that finds which attributes *never* occur together: of a table of zeros and ones (faces,
# attributes), all pairs `(i, j)` of column numbers with `i < j` that are both on in no row. Then give it
# the table of this notebook, `course.faces("celeba").conditions["attributes"]`: which of its pairs would
# you not have expected? `facegen.conditions.attributes.EXCLUSIVE` has those that cannot be; the others
# merely are not.


# %% [answer]
def never_together(values):
    """Pairs (i, j), i < j, of columns that are both on in no row of values, (n, columns)."""
    ### BEGIN SOLUTION
    together = values.T @ values  # how often each two are on in one row
    return [(i, j) for j in range(len(together)) for i in range(j) if together[i, j] == 0]
    ### END SOLUTION


# %% [check] 2
check.never_together(never_together)
### BEGIN HIDDEN TESTS
check.never_together.grade(never_together)
### END HIDDEN TESTS

# %% [wrong] each pair once
# together = values.T @ values
# return [(i, j) for i in range(len(together)) for j in range(len(together)) if i != j and not together[i, j]]

# %% [wrong] are both on in row
# with np.errstate(invalid="ignore"):
#     related = np.corrcoef(values, rowvar=False)
# return [(i, j) for j in range(len(related)) for i in range(j) if not related[i, j] > 0]

# %% [wrong] a column that is never on
# together = values.T @ values
# some = np.flatnonzero(values.any(axis=0))
# return [(i, j) for i in some for j in some if i < j and together[i, j] == 0]

# %% [wrong] rows and columns apart
# return np.where(np.triu(values.T @ values == 0, 1))

# %% [exercise] glasses, change and observe, 15 minutes
# Another world
# In clay, 18 % of the men and 10 % of the women wear glasses, so glasses make a network think of men. Write
# a world in which they tell nothing about that, and a third of the people wear them: change the numbers
# below, run both cells, and look what the draw gives. (Only what is to be different has to stand in the
# text.)

# %% [answer]
WORLD = "passing: {Eyeglasses: [18, 10]}"  # per cent of men, and of women
### BEGIN SOLUTION
WORLD = "passing: {Eyeglasses: [33, 33]}"
### END SOLUTION

# %% [check] 1
check.glasses(WORLD)
### BEGIN HIDDEN TESTS
check.glasses.grade(WORLD)
### END HIDDEN TESTS

# %% [wrong] still tell who is who
# WORLD = "passing: {Eyeglasses: [60, 10]}"

# %% [wrong] what everybody has
# WORLD = "passing: {Eyeglasses: [100, 100]}"

# %% [wrong] cannot be read
# WORLD = "passing: {Eyeglases: [33, 33]}"

# %% [wrong] per cent
# WORLD = "passing: {Eyeglasses: [0.33, 0.33]}"

# %% [exercise] mine, bring your own data, an evening
# Ten pictures of your own
# Make a face set of at least ten pictures that you may use: your own face, people who said yes, your dolls
# or your cats. Put them into a folder with a table `conditions.csv` (*Your own pictures*, above, shows
# one): a column of labels that you find interesting, a column `partition` (`train` or `test`), and a column
# `identity` with a number for who it is. Nobody may be in both parts. Read it as `mine`. Whatever is wrong
# with it, the check names.

# %% [answer]
folder = course.build() / "mine"  # or wherever your pictures lie
mine = None
### BEGIN SOLUTION
from PIL import Image

folder.mkdir(parents=True, exist_ok=True)
lines = ["file, smiling, partition, identity"]
for i in range(10):  # a stand-in for pictures: squares of grey
    Image.fromarray(np.full((40, 40, 3), 25 * i, "uint8")).save(folder / f"{i}.png")
    lines.append(f"{i}.png, {i % 2}, {'train' if i < 8 else 'test'}, {i // 2}")
(folder / "conditions.csv").write_text("\n".join(lines))
mine = facegen.read(folder)
### END SOLUTION

# %% [check] 3
check.mine(mine)
### BEGIN HIDDEN TESTS
check.mine.grade(mine)
### END HIDDEN TESTS

# %% [wrong] ten were asked for
# ...
# mine = mine.select(slice(1, 10))

# %% [wrong] nothing to judge by
# ...
# text = (folder / "conditions.csv").read_text()
# (folder / "conditions.csv").write_text(text.replace("test", "train"))
# mine = facegen.read(folder)

# %% [wrong] nobody is told apart
# ...
# text = (folder / "conditions.csv").read_text()
# (folder / "conditions.csv").write_text(text.replace("identity", "number"))
# mine = facegen.read(folder)

# %% [wrong] your column is called
# ...
# text = (folder / "conditions.csv").read_text()
# (folder / "conditions.csv").write_text(text.replace("partition", "Partition"))
# mine = facegen.read(folder)

# %% [wrong] is in `train` and in `test`
# ...
# text = (folder / "conditions.csv").read_text()
# (folder / "conditions.csv").write_text(text.replace("test, 4", "test, 3"))
# mine = facegen.read(folder)
