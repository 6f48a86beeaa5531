# %% [question]
# Why is a mixture `1+3` written as 0.71 of each, and a half-way emotion asked for as 0.5 of each?
# ---
# Every vector that the network has learned from has length 1, and 0.71 of each has, too: a strong,
# plausible person. *Half-way* between two emotions means something else: the first layer adds up what its
# inputs contribute, and there 0.5 of each lies exactly between. Which one is right depends on what you want
# to have.

# %% [question]
# A morph looks smooth. What shows that it is more than a cross-fade?
# ---
# A cross-fade is the best mixture of the two end pictures. Take what the network draws half-way, subtract
# the best such mixture, and see what remains; and where the truth half-way is known, ask which of the two
# is nearer to it. That it looks smooth says nothing: a cross-fade is perfectly smooth.

# %% [question]
# Between two emotions the network blends, between two angles it fades. Why the difference?
# ---
# A mouth that opens stays about where it is, so the features for it can change in place. A nose that turns
# by 45 degrees is somewhere else in the picture, and the two views share next to nothing at any one place.
# So the network learns each view by itself, and half of each gives two half heads.

# %% [question]
# The network paints something for `-2*happy`, though no such face exists. Is that a fault?
# ---
# It is what such a function does: it has no notion of what it knows, and applies its arithmetic to any
# numbers. If you need to be told, you must check the request before you draw (as `constrained: true` does),
# for the picture will not tell: it may even look plausible.

# %% [question]
# For the same attributes the deconvolution network draws a blurred face and the GAN a sharp one; the
# blurred one is nearer to the truth in decibels. Which one is better?
# ---
# Each is best at what it was trained for. Squared error is smallest at the mean of all faces that fit,
# which is soft and nobody's face. The GAN has to pass for a photograph, so it draws one individual, and
# that is seldom the one in the test. Say first what the picture is for, and choose the measure then.

# %% [text]
# ## Exercises
# Each has a cell for your answer and a cell that checks it: it says *not yet* with a hint, as often as you
# like, and stops nothing. They need nothing of the notebook above, but where they name it.

# %% [setup]
import numpy as np

from facegen.course.checks import results as check

# %% [exercise] weights, predict and run, 5 minutes
# Three feelings at once
# `1+3` became 0.71 of each. What does `happy+sad+angry` write into each of its three columns? Predict it,
# to two decimals, before you run the cells (or `conditions.vector`).

# %% [answer]
of_each = None
### BEGIN SOLUTION
of_each = 1 / np.sqrt(3)
### END SOLUTION

# %% [check] 1
check.weights(of_each)
### BEGIN HIDDEN TESTS
check.weights.grade(of_each)
### END HIDDEN TESTS

# %% [wrong] thirds add up to 1
# of_each = 1 / 3

# %% [wrong] is right for two
# of_each = 0.71

# %% [wrong] 1 of each would be
# of_each = 1

# %% [exercise] fade, write a missing piece, 10 minutes
# The opponent
# Write the cross-fade: `n` pictures from one to another, each a mixture of the two, in even steps, both
# ends included. The pictures are bytes; mind what they do in a sum.


# %% [answer]
def fade(one, other, n):
    """Pictures (n, height, width, 3) from one, uint8 (height, width, 3), to the other."""
    ### BEGIN SOLUTION
    share = np.linspace(0, 1, n)[:, None, None, None]
    return ((1 - share) * one + share * other).round().astype("uint8")
    ### END SOLUTION


# %% [check] 1
check.fade(fade)
### BEGIN HIDDEN TESTS
check.fade.grade(fade)
### END HIDDEN TESTS

# %% [wrong] it runs backwards
# share = np.linspace(0, 1, n)[:, None, None, None]
# return share * one + (1 - share) * other

# %% [wrong] both included
# share = np.arange(n)[:, None, None, None] / n
# return (1 - share) * one + share * other

# %% [wrong] bytes wrap round
# return np.stack([one + ((other - one) * (i / (n - 1))).astype("uint8") for i in range(n)])

# %% [wrong] some 256 too many
# return np.stack([one + (other - one) * (i / (n - 1)) for i in range(n)])

# %% [exercise] between, write a missing piece, 20 minutes
# The short way round
# A head that turns from 170 to -170 degrees shall go the 20 degrees over its back, and not 340 degrees the
# other way. Write the function that gives the angle at a share `t` of the way, from 0 to 1, evenly and the
# shorter way round. (-180 and 180 are the same; the check takes either.)


# %% [answer]
def between(start, end, t):
    """The angle in degrees at a share t of the shorter way from start to end."""
    ### BEGIN SOLUTION
    gap = (end - start + 180) % 360 - 180
    return start + t * gap
    ### END SOLUTION


# %% [check] 2
check.between(between)
### BEGIN HIDDEN TESTS
check.between.grade(between)
### END HIDDEN TESTS

# %% [wrong] on the long way round
# return start + t * (end - start)

# %% [wrong] on the chord
# a, b = np.radians([start, end])
# sin, cos = ((1 - t) * f(a) + t * f(b) for f in (np.sin, np.cos))
# return np.degrees(np.arctan2(sin, cos))

# %% [wrong] radians and degrees are mixed
# gap = (end - start + 180) % 360 - 180
# return np.degrees(start + t * gap)

# %% [exercise] film, change and observe, 15 minutes
# All that one face can feel
# This text is a film of one person with three emotions. Change it until the same person goes through all
# eight (angry, contemptuous, disgusted, fearful, happy, neutral, sad, surprised), each of them pure in a
# keyframe of its own, and comes back to the first, in 30 seconds at most. Then look at it, above:
# `watch("mine", FILM, alt="One face, eight feelings.")`.

# %% [answer]
FILM = """
mode: interpolate
fps: 15
keyframes:
  - {id: 2, em: neutral}
  - {em: happy, length: 1s}
  - {em: sad, length: 1s}
"""
### BEGIN SOLUTION
order = ["angry", "contemptuous", "disgusted", "fearful", "happy", "sad", "surprised", "neutral"]
keyframes = ["  - {id: 2, em: neutral}", *(f"  - {{em: {emotion}, length: 1s}}" for emotion in order)]
FILM = "\n".join(["mode: interpolate", "fps: 15", "keyframes:", *keyframes])
### END SOLUTION

# %% [check] 1
check.film(FILM)
### BEGIN HIDDEN TESTS
check.film.grade(FILM)
### END HIDDEN TESTS

# %% [wrong] it does not come back
# ...
# FILM = FILM.replace("  - {em: neutral, length: 1s}", "")

# %% [wrong] the person changes
# ...
# FILM = FILM.replace("{em: sad,", "{id: 3, em: sad,")

# %% [wrong] is all happy
# ...
# FILM = FILM.replace("em: happy", "em: 0.7*happy+0.3*neutral")

# %% [wrong] Did you mean 'happy'
# ...
# FILM = FILM.replace("em: happy", "em: hapy")

# %% [exercise] frames, bring your own data, 30 minutes
# A movement of your own
# Film a mouth that opens, a hand that closes, a door: fixed camera, even light. Take an odd number of
# frames of it, at least five, as bytes of shape (n, height, width, 3): save them as pictures and read them
# with Pillow, or read the film with `imageio`. How much of the middle one does no cross-fade explain?

# %% [answer]
my_frames = None
### BEGIN SOLUTION
my_frames = np.full((7, 48, 48, 3), 200, "uint8")  # a stand-in: a square that moves
for i, frame in enumerate(my_frames):
    frame[16:32, 5 * i : 5 * i + 12] = (150, 40, 40)
### END SOLUTION

# %% [check] 3
check.frames(my_frames)
### BEGIN HIDDEN TESTS
check.frames.grade(my_frames)
### END HIDDEN TESTS

# %% [wrong] this *is* a cross-fade
# ...
# share = np.linspace(0, 1, 7)[:, None, None, None]
# my_frames = ((1 - share) * my_frames[0] + share * my_frames[-1]).round().astype("uint8")

# %% [wrong] nothing has moved
# my_frames = np.full((7, 48, 48, 3), 200, "uint8")

# %% [wrong] expected bytes
# ...
# my_frames = my_frames / 255

# %% [text]
# ### More, for an evening each
# 1. Find two people whose mixture looks least like either. Measure it with `metrics.distance`.
# 2. Train notebook 4 on clay people seen every 15 degrees. Does the head turn now?
#    (`clay.rafd("build/fine", people=16, angles=range(0, 181, 15))` draws them, `facegen.read` reads them.)
# 3. Which strength of an emotion comes nearest to the true one? Compare `0.8*happy` with
#    `course.clay_views(faces, who, {"happy": 0.8}, [0], size)`.
