# %% [question]
# The straight line from a noise to its face has one velocity. Why is one step not enough to draw?
# ---
# Because whoever draws does not know the face yet. From pure noise the network can only say the way to the
# mean of all faces that were asked for, and one step leads to exactly that: a blurred mean face. With every
# step fewer faces are possible, and the direction becomes that of one of them.

# %% [question]
# The loss falls fast at first, and in the end hardly any further. Has the network failed to learn the rest?
# ---
# No. Through one half-noisy mixture the lines of many faces pass, each with another velocity, and the best
# answer is their mean. What is left is how much they differ: no network can say it, for it is not in what the
# network is shown. Compare losses, and look at pictures; do not wait for nought.

# %% [question]
# Why are the attributes kept from the network in one picture of ten?
# ---
# So that it knows two velocities: with a request and without one. Guidance needs their difference. Both are
# learned by one network, which costs a number that says "nothing is told", and a tenth of the examples.

# %% [question]
# The classifier reads more and more of what was asked for as guidance rises. Why not draw with 5, always?
# ---
# A request is then exaggerated beyond any face that was learned: colours become harsh, and people with one
# request become alike, since all are pushed the same way. The classifier counts only whether it sees what was
# asked for. The plot of this notebook does not show the price: after so short a training, noise counts as
# diversity. Of a network that was trained for longer, coverage does (`benchmarks/flow.py`).

# %% [question]
# A flow takes a given picture back to its noise by itself. Why has a GAN no such way?
# ---
# A flow's noise has as many numbers as the picture, and each step can be undone: go back by the velocity. A
# GAN leads from 64 numbers to 12,288 through layers that forget; most pictures have no noise at all there. It
# has to be searched for, and what is found is only the nearest one.

# %% [text]
# ## Exercises
# Each has a cell for your answer and a cell that checks it: it says *not yet* with a hint, as often as you
# like, and stops nothing. They need nothing of the notebook above.

# %% [setup]
import numpy as np

from facegen import metrics
from facegen.course.checks import flow as check
from facegen.models.samplers import guided, solved

# %% [exercise] line, predict and run, 5 minutes
# One pixel on its way
# A pixel of the noise is 0.8, and -0.4 in the face. Where is it at time 0.25? What is its velocity there?
# And where does a step of 0.5 lead from there? Predict all three.

# %% [answer]
place, velocity, after = None, None, None
### BEGIN SOLUTION
place, velocity, after = 0.5, -1.2, -0.1
### END SOLUTION

# %% [check] 1
check.line(place, velocity, after)
### BEGIN HIDDEN TESTS
check.line.grade(place, velocity, after)
### END HIDDEN TESTS

# %% [wrong] at time 0 there is noise
# place, velocity, after = -0.1, -1.2, -0.7

# %% [wrong] from the noise to the face
# place, velocity, after = 0.5, 1.2, 1.1

# %% [wrong] half of the time
# place, velocity, after = 0.5, -1.2, -0.7

# %% [exercise] step, write a missing piece, 15 minutes
# A better step
# Write a step of the midpoint method: go half of the step with the velocity at the start, ask again there, at
# half of the time, and take the *whole* step from the start with that velocity. `field(x, time)` is the
# velocity.


# %% [answer]
def step(field, x, start, end):
    """Where a step of the midpoint method leads."""
    ### BEGIN SOLUTION
    middle = (start + end) / 2
    half_way = x + field(x, start) * (middle - start)
    return x + field(half_way, middle) * (end - start)
    ### END SOLUTION


# %% [check] 3
check.step(step)
### BEGIN HIDDEN TESTS
check.step.grade(step)
### END HIDDEN TESTS

# %% [wrong] asks once
# return x + field(x, start) * (end - start)

# %% [wrong] the place half-way
# return x + field(x, (start + end) / 2) * (end - start)

# %% [wrong] the time half-way
# return x + field(x + field(x, start) * (end - start) / 2, start) * (end - start)

# %% [wrong] begins at x
# half_way = x + field(x, start) * (end - start) / 2
# return half_way + field(half_way, (start + end) / 2) * (end - start)

# %% [exercise] guidance, change and observe, 10 minutes
# What guidance does to a crowd
# Here a picture is one number. All pictures are spread around 0 with a standard deviation of 1, those that
# are asked for around 1 with 0.5; of such numbers the exact velocity is known. Change `guidance` until the
# crowd that is drawn is *half* as different as the one that was asked for (a standard deviation of 0.25).
# Write down the guidance, and where the crowd's mean is then.

# %% [given]
guidance = 1.0  # change this


def exact(mean, spread):
    """The velocity of numbers that are normal."""
    return lambda x, t: mean + (spread**2 * t - (1 - t)) / ((1 - t) ** 2 + (spread * t) ** 2) * (x - mean * t)


asked, unasked = exact(1, 0.5), exact(0, 1)
noise = np.random.default_rng(0).standard_normal(20_000)
drawn = solved(lambda x, t: guided(asked(x, t), unasked(x, t), guidance), noise, steps=32)
print(f"mean {drawn.mean():.2f}, standard deviation {drawn.std():.2f}")

# %% [answer]
found, mean = None, None  # the guidance, and the mean with it
### BEGIN SOLUTION
found, mean = 2.0, 1.38
### END SOLUTION

# %% [check] 1
check.guidance(found, mean)
### BEGIN HIDDEN TESTS
check.guidance.grade(found, mean)
### END HIDDEN TESTS

# %% [wrong] nothing is exaggerated
# found, mean = 1.0, 1.0

# %% [wrong] less guidance
# found, mean = 3.0, 1.5

# %% [wrong] has moved
# found, mean = 2.0, 1.0

# %% [exercise] back, bring your own data, an evening
# Do your pictures come back?
# Train a flow on pictures of your own (`facegen train flow`), or take the one that comes with the course and
# pictures of people who said yes. Take some to their noise, `model.encode(pictures, conditions, steps)`, and
# draw them again, `model.decode(noise, conditions, steps)`, in few steps and in many: steps -> PSNR.
# (Pictures that come back to the byte have a PSNR without end: write 99.)

# %% [answer]
came_back = None  # such as {4: 21.5, 16: 28.1, 32: 33.0}
### BEGIN SOLUTION
from facegen.models import Flow

model = Flow({"attributes": ["Smiling"]}, size=16, widths=(4, 8), patch=2)
pictures = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), "uint8")
rows = {"attributes": np.ones((2, 1))}
came_back = {}
for steps in (1, 2, 8):
    noise = model.encode(pictures, rows, steps)
    again = model.decode(noise, rows, steps)
    came_back[steps] = min(99.0, float(metrics.psnr(again, pictures).mean()))
### END SOLUTION

# %% [check] 3
check.back(came_back)
### BEGIN HIDDEN TESTS
check.back.grade(came_back)
### END HIDDEN TESTS

# %% [wrong] few steps and many
# came_back = {32: 33.0}

# %% [wrong] the other way round
# came_back = {4: 33.0, 32: 21.5}

# %% [wrong] Give `steps` to both
# came_back = {4: 52.0, 16: 52.0}

# %% [wrong] write 99
# came_back = {4: 21.5, 16: float("inf")}

# %% [wrong] expected decibels
# came_back = {4: 0.02, 32: 0.001}

# %% [text]
# ### More, for an evening each
# 1. Draw with `method="midpoint"` and four steps: as many evaluations as `euler` with eight. Which is nearer
#    to 64 steps?
# 2. Draw with guidance 0, and with -1. Whom do you see?
# 3. Encode a picture with the *wrong* attributes (a smiling face as not smiling), and draw it with these.
#    Does it smile?
# 4. Train with `drop=0.0`, for as long. What has become of guidance, and why?
