# %% [question]
# Why is the angle given to the network as sine and cosine, and not as a number of degrees?
# ---
# Neighbouring views shall have neighbouring numbers. In degrees 179 and -179 are far apart, though the two
# views are almost the same, and the network would have to learn a jump. On the circle there is no jump
# anywhere, and every number stays between -1 and 1.

# %% [question]
# What is wrong with unpooling by zeros, followed by a brush of 3 x 3?
# ---
# The brush meets one pixel of colour at some places and two or four at others, so some output pixels get
# more paint than their neighbours. The network has to learn to even that out, and where it does not quite
# succeed, one sees a checkerboard. Nearest neighbours leave no such grid.

# %% [question]
# PSNR is high, and yet drawn faces look soft. How can that be?
# ---
# PSNR averages squared errors over all pixels. Fine detail covers few pixels, and drawing it at a slightly
# wrong place costs more than leaving it out, so the safest picture is a smooth one. That is why sharpness
# and a classifier stand beside it: each sees what the other one is blind to.

# %% [question]
# The mean of a person's *other* emotions reaches nearly as many decibels as the network. Does the network
# know next to nothing?
# ---
# It shows what the measure counts: hair, shirt and background fill the picture, and the guess has all of
# them in place. An emotion moves few pixels. So take away what both have in common, and compare the
# *change* that an emotion makes: there the guess scores 0.

# %% [question]
# Every picture in the test part shows a person, an emotion and an angle that training has seen. In what
# sense is it held out?
# ---
# The *combination* is new. To draw it, the network must have understood that a face is made of independent
# parts which it can put together anew. It says nothing about strangers: a person that it has never seen has
# no column in the table, and cannot even be asked for.

# %% [text]
# ## Exercises
# Each has a cell for your answer and a cell that checks it: it says *not yet* with a hint, as often as you
# like, and stops nothing. They need nothing of the notebook above.

# %% [setup]
import numpy as np

from facegen import course
from facegen.course.checks import deconv as check
from facegen.models import Deconv

# %% [exercise] growing, predict and run, 5 minutes
# How large will it be?
# A network begins with a grid of 5 rows and 4 columns, has `depth=5`, and after these layers a last
# upsampling. How many rows and columns has its picture? Predict it, then run the cells.

# %% [answer]
size = None  # (rows, columns)
### BEGIN SOLUTION
size = (320, 256)
### END SOLUTION

# %% [check] 1
check.growing(size)
### BEGIN HIDDEN TESTS
check.growing.grade(size)
### END HIDDEN TESTS

# %% [wrong] one more upsampling
# size = (160, 128)

# %% [wrong] rows before columns
# size = (256, 320)

# %% [wrong] it does not add
# size = (5 * 2 * 6, 4 * 2 * 6)

# %% [exercise] unpool, write a missing piece, 10 minutes
# Unpooling
# Write the first half of the step that makes pictures grow: every pixel becomes a block of 2 x 2 of the
# same colour. NumPy alone; no loop is needed.


# %% [answer]
def unpool(x):
    """Nearest neighbour: (n, rows, columns, channels) becomes (n, 2 rows, 2 columns, channels)."""
    ### BEGIN SOLUTION
    return x.repeat(2, axis=1).repeat(2, axis=2)
    ### END SOLUTION


# %% [check] 1
check.unpool(unpool)
### BEGIN HIDDEN TESTS
check.unpool.grade(unpool)
### END HIDDEN TESTS

# %% [wrong] beside itself four times
# return np.tile(x, (1, 2, 2, 1))

# %% [wrong] zeros between the pixels
# large = np.zeros((len(x), 2 * x.shape[1], 2 * x.shape[2], x.shape[3]))
# large[:, ::2, ::2] = x
# return large

# %% [wrong] twice the rows and the columns
# return x.repeat(2, axis=1)

# %% [exercise] psnr, write a missing piece, 15 minutes
# Decibels
# Write the peak signal-to-noise ratio of each picture: 10 log10(255² / mean squared error). Both arguments
# are bytes of shape (n, rows, columns, 3), and the result has n numbers.


# %% [answer]
def psnr(drawn, truth):
    """Decibels of each picture, an array (n,)."""
    ### BEGIN SOLUTION
    error = np.square(drawn.astype("float64") - truth).mean(axis=(1, 2, 3))
    return 10 * np.log10(255**2 / error)
    ### END SOLUTION


# %% [check] 2
check.psnr(psnr)
### BEGIN HIDDEN TESTS
check.psnr.grade(psnr)
### END HIDDEN TESTS

# %% [wrong] bytes wrap round
# return 10 * np.log10(255**2 / np.square(drawn - truth).mean(axis=(1, 2, 3)))

# %% [wrong] goes with *squared* numbers
# error = np.square(drawn.astype("float64") - truth).mean(axis=(1, 2, 3))
# return 10 * np.log10(255 / np.sqrt(error))

# %% [wrong] for each of 3 pictures
# return 10 * np.log10(255**2 / np.square(drawn.astype("float64") - truth).mean())

# %% [wrong] all in floats
# error = np.square(drawn.astype("int16") - truth.astype("int16"))  # 255² is more than an int16 can hold
# return 10 * np.log10(255**2 / np.maximum(error.mean(axis=(1, 2, 3)), 1))

# %% [exercise] lighter, change and observe, 15 minutes
# Where are the weights?
# Run the cell: it lists the layers of this notebook's network that have most weights. Change `filters`
# until at most 60 % of all weights are left, with at least 8 filters in each layer. Which layer has most of
# them now? Note both. (With an evening to spare: train it. How much does the PSNR fall?)

# %% [given]
filters = [64, 48, 32]  # change this
names = {"identity": [*map(str, range(1, 17))], "emotion": [*"abcdefgh"], "orientation": ["sin", "cos"]}
model = Deconv(names, (5, 4), depth=3, kernels=filters, dense=256, deep=False).generator
for layer in sorted(model.layers, key=lambda layer: -layer.count_params())[:4]:
    print(f"{layer.name:15} {layer.count_params():9,}")
print(f"{'all':15} {model.count_params():9,}")

# %% [answer]
chosen_filters, largest_layer = None, None  # such as [64, 48, 32], "spread"
### BEGIN SOLUTION
chosen_filters, largest_layer = [24, 16, 8], "mixed"
### END SOLUTION

# %% [check] 1
check.lighter(chosen_filters, largest_layer)
### BEGIN HIDDEN TESTS
check.lighter.grade(chosen_filters, largest_layer)
### END HIDDEN TESTS

# %% [wrong] of the weights are left
# chosen_filters, largest_layer = [64, 8, 8], "spread"

# %% [wrong] hardly enough to draw with
# chosen_filters, largest_layer = [2, 2, 2], "mixed"

# %% [wrong] is not the largest now
# chosen_filters, largest_layer = [24, 16, 8], "spread"

# %% [exercise] hold_out, write a missing piece, 20 minutes
# A combination that nobody has seen
# In this notebook single pictures are held out. Write a harder test: a partition in which *every* picture
# of one person with one emotion is held out (2), from all sides, and all others are for training (0).
# `person` and `emotion` are numbers of columns of `conditions["identity"]` and `conditions["emotion"]`.
# With an evening to spare: train on it (`dataclasses.replace(faces, partition=...)`). Can the network draw
# that person with that emotion?


# %% [answer]
def hold_out(conditions, person, emotion):
    """The partition, int8 (n,): 2 where both agree, else 0."""
    ### BEGIN SOLUTION
    same = (conditions["identity"][:, person] == 1) & (conditions["emotion"][:, emotion] == 1)
    return np.where(same, 2, 0).astype("int8")
    ### END SOLUTION


# %% [check] 2
check.hold_out(hold_out)
### BEGIN HIDDEN TESTS
check.hold_out.grade(hold_out)
### END HIDDEN TESTS

# %% [wrong] *both* must agree
# same = (conditions["identity"][:, person] == 1) | (conditions["emotion"][:, emotion] == 1)
# return np.where(same, 2, 0)

# %% [wrong] 0 and 2 are exchanged
# same = (conditions["identity"][:, person] == 1) & (conditions["emotion"][:, emotion] == 1)
# return np.where(same, 0, 2)

# %% [wrong] the whole person
# return np.where(conditions["identity"][:, person] == 1, 2, 0)

# %% [exercise] mine, bring your own data, an evening
# People and moods of your own
# Photograph at least two people (who agree to it), or two dolls, each in at least two moods, several
# pictures of each. The table `conditions.csv` has a column of words for who it is and one for the mood
# (call them as you like, but not `identity`, which only keeps people apart), and a column `partition` in
# which one combination is `test` and the others `train`. Read it as `mine` (`facegen.read(folder)`, after
# `import facegen`); when the check is content, train a `Deconv(mine.names, ...)` on it, and look whether it
# can draw what it has never seen.

# %% [answer]
folder = course.build() / "moods"  # or wherever your pictures lie
mine = None
### BEGIN SOLUTION
from PIL import Image

import facegen

folder.mkdir(parents=True, exist_ok=True)
lines = ["file, who, mood, partition"]
for i, words in enumerate(["ann, happy, train", "ann, sad, train", "ben, happy, train", "ben, sad, test"]):
    Image.fromarray(np.full((40, 32, 3), 60 * i, "uint8")).save(
        folder / f"{i}.png"
    )  # a stand-in for pictures
    lines.append(f"{i}.png, {words}")
(folder / "conditions.csv").write_text("\n".join(lines))
mine = facegen.read(folder)
### END SOLUTION

# %% [check] 3
check.mine(mine)
### BEGIN HIDDEN TESTS
check.mine.grade(mine)
### END HIDDEN TESTS

# %% [wrong] is missing: take a picture of each combination
# ...
# mine = mine.select([0, 1, 2])

# %% [wrong] nothing is held out
# ...
# (folder / "conditions.csv").write_text("\n".join(lines).replace("test", "train"))
# mine = facegen.read(folder)

# %% [wrong] the network cannot know it
# ...
# (folder / "conditions.csv").write_text("\n".join(lines).replace("ben, happy, train", "ben, happy, test"))
# mine = facegen.read(folder)

# %% [wrong] is in `train`, too
# ...
# Image.new("RGB", (32, 40)).save(folder / "4.png")
# (folder / "conditions.csv").write_text("\n".join([*lines, "4.png, ben, sad, train"]))
# mine = facegen.read(folder)

# %% [text]
# ### More, for an evening
# Which of the six changes wins the race? Give the original network today's loss, then its learning rate,
# then its canvas (`RECIPES` and `facegen/training/recipes.py` show how), one at a time, each in a folder of
# its own such as `course.run("deconv-loss")`.
