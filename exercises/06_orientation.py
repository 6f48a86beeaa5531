# %% [question]
# A plain network is trained for longer and longer on five views. Does it learn to turn the head?
# ---
# No. Its pictures at the five angles become sharper, and so do the two half heads between them. The loss
# asks about these five angles alone, and a cross-fade answers them perfectly. What is not asked for is
# not learned.

# %% [question]
# Why can the unrolled network not fade, whatever its weights are?
# ---
# The orientation moves every point of one surface to another direction, and tints it a little, as a lamp
# would. There is no second picture to fade to. A fade of two views would need two contours at once, and a
# row of the map has one.

# %% [question]
# The network is told nothing of depth. Where does it learn how far out a nose is?
# ---
# From two things. The outline of the profile says how far the nose reaches. And its colours have to be at
# the right place in all five views: a point that is too far out moves too much when the head turns.

# %% [question]
# Why is "near, and in front" a softmax, and not simply the front point?
# ---
# Choosing the front point has no gradient: move it a little, and either nothing changes or everything. In
# a softmax every point has a share that changes smoothly with where it stands, so the error can say where
# to go.

# %% [question]
# Between two views, a mixture of the neighbours explains 0.90 of what a network draws, and 0.86 of the
# truth. Is that good?
# ---
# It is close, and on the side of fading: the truth has more that no mixture has. Only the comparison says
# that. Most of a head, its backdrop and its clothes do look like the neighbours, so 0.86 is no fault.

# %% [text]
# ## Exercises
# Each has a cell for your answer and a cell that checks it: it says *not yet* with a hint, as often as you
# like, and stops nothing. They need nothing of the notebook above.

# %% [setup]
import json

import numpy as np

from facegen.course.checks import orientation as check
from facegen.models import zoo

# %% [exercise] where, predict and run, 5 minutes
# Where does it go?
# A point of the map has the radius 0.6 and the direction 30 degrees. The head is turned by 60 degrees.
# How far to the right of the axis is the point now, how far in front of it, and at which place of a row
# of 64 pixels (0 is the left edge, 64 the right one) does the camera see it? Radii are in half-widths of
# the picture. Predict, then compute.

# %% [answer]
to_the_right, to_the_front, place = None, None, None
### BEGIN SOLUTION
to_the_right, to_the_front, place = 0.6, 0.0, 51.2
### END SOLUTION

# %% [check] 1
check.where(to_the_right, to_the_front, place)
### BEGIN HIDDEN TESTS
check.where.grade(to_the_right, to_the_front, place)
### END HIDDEN TESTS

# %% [wrong] the angles are added
# to_the_right, to_the_front, place = -0.3, 0.5196, 22.4

# %% [wrong] the axis is in the middle
# to_the_right, to_the_front, place = 0.6, 0.0, 19.2

# %% [wrong] half-widths
# to_the_right, to_the_front, place = 0.6, 0.0, 102.4

# %% [wrong] the left edge is one half-width left
# to_the_right, to_the_front, place = 0.6, 0.0, 52

# %% [exercise] shares, write a missing piece, 15 minutes
# Near, and in front
# Write the attention of one pixel: how much each point of a contour counts. Points stand at `x` (in
# pixels) and `z` (half-widths to the front); the pixel's middle is `pixel`. The score of a point is
# -((pixel - x) / spread)² / 2 + z / softness; the shares are the softmax of the scores, and add up to 1,
# also where scores are in the thousands.


# %% [answer]
def shares(pixel, x, z, spread, softness):
    """How much each point counts for one pixel, (n,)."""
    ### BEGIN SOLUTION
    score = -np.square((pixel - x) / spread) / 2 + z / softness
    share = np.exp(score - score.max())
    return share / share.sum()
    ### END SOLUTION


# %% [check] 3
check.shares(shares)
### BEGIN HIDDEN TESTS
check.shares.grade(shares)
### END HIDDEN TESTS

# %% [wrong] add up to 1
# return np.exp(-np.square((pixel - x) / spread) / 2 + z / softness - 20)

# %% [wrong] the back of the head
# score = -np.square((pixel - x) / spread) / 2 - z / softness
# share = np.exp(score - score.max())
# return share / share.sum()

# %% [wrong] too large for a number
# share = np.exp(-np.square((pixel - x) / spread) / 2 + z / softness)
# return share / share.sum()

# %% [exercise] overlap, write a missing piece, 10 minutes
# How right is an outline?
# Write the intersection over union of outlines: of each picture, how many pixels are in both outlines,
# divided by how many are in either. `found` and `true` are bool (n, height, width).


# %% [answer]
def overlap(found, true):
    """Intersection over union of each picture, (n,)."""
    ### BEGIN SOLUTION
    return (found & true).sum(axis=(1, 2)) / (found | true).sum(axis=(1, 2))
    ### END SOLUTION


# %% [check] 1
check.overlap(overlap)
### BEGIN HIDDEN TESTS
check.overlap.grade(overlap)
### END HIDDEN TESTS

# %% [wrong] backdrop
# return (found == true).mean(axis=(1, 2))

# %% [wrong] too wide
# return (found & true).sum(axis=(1, 2)) / true.sum(axis=(1, 2))

# %% [wrong] Dice's score
# return 2 * (found & true).sum(axis=(1, 2)) / (found.sum(axis=(1, 2)) + true.sum(axis=(1, 2)))

# %% [wrong] one for each picture
# return np.full(len(found), (found & true).sum() / (found | true).sum())

# %% [exercise] softness, change and observe, 10 minutes
# How soft may it be?
# A head is a circle of radius 0.6; in front it is white (1), behind black (0). The cell shows what its
# middle pixel looks like. Change `softness`, and find the smallest one with which a tenth of the back
# shines through (0.90), to two digits.

# %% [given]
softness = 0.05  # change this
phi = ((np.arange(128) + 0.5) / 128 * 2 - 1) * np.pi
x, z = 32 + 32 * 0.6 * np.sin(phi), 0.6 * np.cos(phi)
score = -np.square((32 - x) / 0.5) / 2 + z / softness
share = np.exp(score - score.max()) / np.exp(score - score.max()).sum()
print(f"the middle pixel: {share @ (z > 0):.3f}")

# %% [answer]
smallest = None
### BEGIN SOLUTION
smallest = 0.546
### END SOLUTION

# %% [check] 1
check.softness(smallest)
### BEGIN HIDDEN TESTS
check.softness.grade(smallest)
### END HIDDEN TESTS

# %% [wrong] all in front
# smallest = 0.05

# %% [wrong] too much
# smallest = 0.9

# %% [wrong] above 0
# smallest = -0.5

# %% [exercise] distances, bring your own data, an evening
# How far apart may views be?
# Train both recipes, `today` and `turning`, on views 45 and 22.5 degrees apart (`benchmarks/turning.py`),
# or on pictures of your own. Write down the PSNR at the angles seen and at the hardest ones between them:
# recipe -> {degrees apart: (seen, hardest)}. What does twice the number of views bring to each?

# %% [answer]
measured = None  # such as {"today": {45: (33.0, 17.5), 22.5: ...}, "turning": ...}
### BEGIN SOLUTION
rows = json.loads((zoo.shipped() / "clay-deconv" / "turning.json").read_text())["rows"]
measured = {}
for row in rows:
    psnr = row["drawn"]["psnr"]
    measured.setdefault(row["recipe"], {})[row["apart"]] = (psnr[0], psnr[-1])
### END SOLUTION

# %% [check] 3
check.distances(measured)
### BEGIN HIDDEN TESTS
check.distances.grade(measured)
### END HIDDEN TESTS

# %% [wrong] one distance alone
# ...
# measured = {name: {45: table[45]} for name, table in measured.items()}

# %% [wrong] expected a dict
# ...
# measured = {name: {a: pair[1] for a, pair in table.items()} for name, table in measured.items()}

# %% [wrong] the other way round
# ...
# measured = {name: {a: pair[::-1] for a, pair in table.items()} for name, table in measured.items()}

# %% [wrong] to compare with
# ...
# measured = {"turning": measured["turning"]}

# %% [text]
# ### More, for an evening each
# 1. Train `turning` without outlines: set `turning.studio.plain` to 0 after `adapt`. What happens to the map?
# 2. A head leans to its shoulder. Which line of `look` would you change, and what does a row no longer know?
# 3. Invert a picture of a trained person from the profile alone. Is the person found, and the emotion?
