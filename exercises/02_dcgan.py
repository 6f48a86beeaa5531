# %% [question]
# Both losses of the first GAN settle near 0.69, and stay there. What does that number say?
# ---
# It is ln 2, the logistic loss of somebody who answers 50 % to everything. The discriminator cannot tell
# drawn from real. That can mean that the faces are perfect; here it means that the picture changes so fast
# that what was learned about it is worth nothing. A loss in a GAN is a score in a game, not a distance from
# a goal.

# %% [question]
# Why must the drawn faces be cut off from the generator where the discriminator's loss is computed?
# ---
# The discriminator wants drawn faces to look *bad*. Were there no cut (no `stop_gradient`), the gradient of
# that wish would reach the generator and teach it to draw worse faces, against its own loss. With both
# cuts, one backward pass of the sum gives each player the gradient of its own loss alone.

# %% [question]
# What is the difference between a network that has not learned yet and one that has collapsed?
# ---
# Both may show ugly pictures. Collapse is about *variety*: different requests give one and the same
# picture, however good it is. So look at a sheet of different requests, and measure how far its pictures
# lie apart, beside how far real ones do.

# %% [question]
# A sheet of the same 25 requests is drawn after every epoch. Why not 25 new ones?
# ---
# With new requests you could not tell whether a picture has changed because the network has learned or
# because something else was asked for. The fixed noise and attributes are the control of this experiment;
# only the weights differ from sheet to sheet.

# %% [question]
# After the remedies every toggle moves the picture. Why does `Eyeglasses` still bring no glasses?
# ---
# Nobody checks it. The discriminator sees pictures only and judges whether they look real, so a face
# without glasses is as good an answer to `Eyeglasses = 1` as one with them. The toggle has become one more
# number of noise: it changes something, but nothing ties it to its name.

# %% [text]
# ## Exercises
# Each has a cell for your answer and a cell that checks it: it says *not yet* with a hint, as often as you
# like, and stops nothing. They need nothing of the notebook above.

# %% [setup]
import numpy as np

from facegen.course.checks import dcgan as check
from facegen.data import Batches

# %% [exercise] undecided, predict and run, 5 minutes
# No opinion
# A discriminator has no opinion about a real picture: its logit is 0. What is its loss for this picture, by
# the logistic loss (minus the logarithm of the score), and by the hinge loss, max(0, 1 - logit)? Predict
# both before you run the cells.

# %% [answer]
logistic, hinge = None, None
### BEGIN SOLUTION
logistic, hinge = np.log(2), 1
### END SOLUTION

# %% [check] 1
check.undecided(logistic, hinge)
### BEGIN HIDDEN TESTS
check.undecided.grade(logistic, hinge)
### END HIDDEN TESTS

# %% [wrong] 0.5 is the score
# logistic, hinge = 0.5, 1

# %% [wrong] base 10
# logistic, hinge = 0.301, 1

# %% [wrong] the hinge lets go at 1
# logistic, hinge = 0.693, 0

# %% [exercise] shapes, predict and run, 10 minutes
# Which sizes come out?
# A GAN of pictures of 48 x 48: `GAN(names, size=48, width=16, discriminator_width=16)`. Its generator begins
# with a grid, whose side is the picture's, halved until it is 10 or less; with width x 2^doublings features.
# The first doubling keeps their number, each further one halves it; a last convolution makes colours of them.
# Of the discriminator's four convolutions the first has 16 features, each further one twice as many, and
# the first three have stride 2. Write down the shape after each step; then draw both networks with them.

# %% [answer]
grown = None  # five of (rows, columns, features): the grid, after each doubling, the picture
shrunk = None  # four: after each of the discriminator's convolutions
### BEGIN SOLUTION
grown = [(6, 6, 128), (12, 12, 128), (24, 24, 64), (48, 48, 32), (48, 48, 3)]
shrunk = [(24, 24, 16), (12, 12, 32), (6, 6, 64), (6, 6, 128)]
### END SOLUTION

# %% [check] 1
check.shapes(grown, shrunk)
### BEGIN HIDDEN TESTS
check.shapes.grade(grown, shrunk)
### END HIDDEN TESTS

# %% [wrong] 12 is more than 10
# ...
# grown = [(12, 12, 64), (24, 24, 64), (48, 48, 32), (48, 48, 3)]

# %% [wrong] the first doubling keeps the features
# ...
# grown = [(6, 6, 128), (12, 12, 64), (24, 24, 32), (48, 48, 16), (48, 48, 3)]

# %% [wrong] the last one has stride 1
# ...
# shrunk = [(24, 24, 16), (12, 12, 32), (6, 6, 64), (3, 3, 128)]

# %% [wrong] twice as many features
# ...
# shrunk = [(24, 24, 16), (12, 12, 16), (6, 6, 16), (6, 6, 16)]

# %% [exercise] hinge, write a missing piece, 15 minutes
# The hinge losses
# Write the losses of both players. `real` are the discriminator's logits of real faces, `fake` those of
# drawn ones, NumPy arrays of any shape. For a real face the discriminator's loss is max(0, 1 - logit), for
# a drawn one max(0, 1 + logit); means of both are added. The generator wants high logits for what it draws:
# its loss is minus their mean.


# %% [answer]
def hinge_losses(real, fake):
    """The discriminator's loss and the generator's, two numbers."""
    ### BEGIN SOLUTION
    discriminator = np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean()
    return discriminator, -fake.mean()
    ### END SOLUTION


# %% [check] 2
check.hinge(hinge_losses)
### BEGIN HIDDEN TESTS
check.hinge.grade(hinge_losses)
### END HIDDEN TESTS

# %% [wrong] no hinge yet
# return (1 - real).mean() + (1 + fake).mean(), -fake.mean()

# %% [wrong] their logit is *low*
# return np.maximum(0, 1 - real).mean() + np.maximum(0, 1 - fake).mean(), -fake.mean()

# %% [wrong] has no hinge
# discriminator = np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean()
# return discriminator, np.maximum(0, 1 - fake).mean()

# %% [exercise] diversity, write a missing piece, 15 minutes
# How far apart are they?
# Write the measure that found the collapse: the mean absolute difference between two *different* pictures
# of a set, over all pixels and all pairs, in grey levels. The pictures are bytes; mind what bytes do when
# they are subtracted.


# %% [answer]
def diversity(pictures):
    """Mean difference between two pictures of uint8 (n, height, width, channels), in grey levels."""
    ### BEGIN SOLUTION
    x = pictures.astype("float64")
    pairs = [np.abs(x[i] - x[j]).mean() for i in range(len(x)) for j in range(i)]
    return np.mean(pairs)
    ### END SOLUTION


# %% [check] 2
check.diversity(diversity)
### BEGIN HIDDEN TESTS
check.diversity.grade(diversity)
### END HIDDEN TESTS

# %% [wrong] bytes wrap round
# return np.mean([np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[i + 1 :]])

# %% [wrong] compared with itself
# x = pictures.astype("float64")
# return np.abs(x[:, None] - x).mean()

# %% [wrong] how much pixels vary in all
# return pictures.std()

# %% [exercise] centred, change and observe, 10 minutes
# What requests have in common
# One of the remedies reads attributes as -1 and 1 instead of 0 and 1. Why should that help? Run the cell,
# and note how alike two requests are on average (1 is the same direction, 0 has nothing in common). Then
# change `asked` so that they are -1 and 1, and note the second number.

# %% [given]
asked = np.random.default_rng(0).integers(0, 2, (200, 40))  # change this
directions = asked / np.linalg.norm(asked, axis=1, keepdims=True)
cosines = (directions @ directions.T)[np.triu_indices(200, 1)]
print(f"{cosines.mean():.2f} is the mean cosine of two requests")

# %% [answer]
with_coins, with_signs = None, None
### BEGIN SOLUTION
with_coins, with_signs = 0.5, 0.0
### END SOLUTION

# %% [check] 1
check.centred(with_coins, with_signs)
### BEGIN HIDDEN TESTS
check.centred.grade(with_coins, with_signs)
### END HIDDEN TESTS

# %% [wrong] the other way round
# with_coins, with_signs = 0, 0.5

# %% [wrong] twice the same
# with_coins, with_signs = 0.5, 0.5

# %% [wrong] divides it by both lengths
# with_coins, with_signs = 10, 0

# %% [exercise] own, bring your own data, an evening
# A GAN of your own pictures
# Take pictures of your own (notebook 1 has an exercise that makes a set; some hundred are better than ten),
# and make `Batches` of them that this notebook's GAN can learn from: `load_pixels(mine, 32)` (it is in
# `facegen.data`), the set's conditions, and a batch size. When the check is content, build a GAN (of
# `facegen.models`), `GAN(mine.names, size=32, width=16, ranges=mine.ranges, ...)`, with the remedies,
# train it into a folder of its own, and look at the sheets and at its diversity.

# %% [answer]
my_batches = None
### BEGIN SOLUTION
random = np.random.default_rng(0)
pixels = random.integers(0, 256, (40, 32, 32, 3), dtype="uint8")  # a stand-in for pictures
labels = random.integers(0, 2, (40, 2)).astype("float32")
my_batches = Batches(pixels, {"attributes": labels}, batch_size=8)
### END SOLUTION

# %% [check] 3
check.own(my_batches)
### BEGIN HIDDEN TESTS
check.own.grade(my_batches)
### END HIDDEN TESTS

# %% [wrong] the network expects bytes
# ...
# my_batches = Batches(pixels / 255, {"attributes": labels}, batch_size=8)

# %% [wrong] draws squares
# ...
# my_batches = Batches(pixels[:, :24], {"attributes": labels}, batch_size=8)

# %% [wrong] the same for everybody
# ...
# my_batches = Batches(pixels, {"attributes": np.ones_like(labels)}, batch_size=8)

# %% [text]
# ### More, for an evening each
# Train each into a folder of its own, such as `course.run("no-hinge")`.
# 1. Take away one setting of the stabilized GAN at a time. Which one can you miss least?
# 2. Train it with `label_sampling="bernoulli"`. What changes in the sheets, and why?
# 3. Swap the rates: `discriminator_lr_ratio=0.25`. Who wins?
