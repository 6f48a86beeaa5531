# %% [question]
# You press *Eyeglasses*, and the face grows a little older as well. Whose fault is that?
# ---
# Probably the data's: where those with glasses are older on average, age comes with the word. The network
# has no other source for what *Eyeglasses* means. You may press *Young* to correct it, but only if the data
# have shown enough young people with glasses.

# %% [question]
# The panel uses noise of length about 8 (64 numbers from a bell curve). Why does *truncation* make faces
# more ordinary?
# ---
# It pulls the noise towards 0, the middle of all that the network has seen in training. Near the middle,
# faces are like those that many others resemble; what makes somebody unusual lies further out. At 0 nothing
# is left of it, and everybody is the same person.

# %% [question]
# Three times *Smiling* shows a distorted mouth. Why does the network not simply draw the broadest smile
# that it knows?
# ---
# It has no such rule. It computes with the number 3 as with any other, and the features of a smile are
# added three times. What it has learned holds for numbers between 0 and 1; beyond, nobody ever told it that
# something was wrong.

# %% [question]
# A friend cannot tell the panel's faces from photographs. Does that make the network a good one?
# ---
# It says something about how real the faces look, nothing about how *varied* they are, whether they obey,
# and whether one of them is a person from the training set. Each of these is a measure of its own, and a
# network may win one and fail at another.

# %% [question]
# Clay's faces belong to nobody. What changes, if you train the same panel on photographs of people?
# ---
# Then the faces are made from real ones, whose owners had no say in it, and a face that somebody takes for
# real can do harm: to the person it resembles, or by what it is used for. You need their consent and a
# purpose that you could tell them, and pictures that say they are made.

# %% [text]
# ## Exercises
# Each has a cell for your answer and a cell that checks it: it says *not yet* with a hint, as often as you
# like, and stops nothing. They need nothing of the notebook above.

# %% [setup]
import numpy as np

import facegen
from facegen import metrics
from facegen.conditions.attributes import NAMES
from facegen.course.checks import live as check
from facegen.panel.state import switched

# %% [exercise] excluded, predict and run, 5 minutes
# What is left?
# *No_Beard*, *Straight_Hair* and *Young* are on. Now *Bald* is pressed, then *Mustache*, then *Gray_Hair*.
# Which toggles are on in the end? Predict it before you try it in the panel.

# %% [answer]
on_at_last = None  # names, such as ["No_Beard", "Straight_Hair", "Young"]
### BEGIN SOLUTION
on_at_last = ["Young", "Mustache", "Gray_Hair"]
### END SOLUTION

# %% [check] 1
check.excluded(on_at_last)
### BEGIN HIDDEN TESTS
check.excluded.grade(on_at_last)
### END HIDDEN TESTS

# %% [wrong] is not bald any more
# on_at_last = ["Young", "Bald", "Mustache", "Gray_Hair"]

# %% [wrong] drives out No_Beard
# on_at_last = ["Young", "No_Beard", "Mustache", "Gray_Hair"]

# %% [wrong] does not come back by itself
# on_at_last = ["Young", "Straight_Hair", "Mustache", "Gray_Hair"]

# %% [exercise] turn, write a missing piece, 20 minutes
# From one noise to another
# The morph turns the noise of one face into that of another along a *great circle*, so that it keeps its
# length on the way; a straight line would pass through short noise, and through an ordinary face. Write it:
# with w the angle between the two, which are of the same length, the noise at t is (sin((1 - t) w) one +
# sin(t w) other) / sin(w).


# %% [answer]
def turn(one, other, t):
    """Noise at t (0 to 1) of the way on the great circle from one to another, (n,)."""
    ### BEGIN SOLUTION
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    w = np.arccos(cosine)
    return (np.sin((1 - t) * w) * one + np.sin(t * w) * other) / np.sin(w)
    ### END SOLUTION


# %% [check] 2
check.turn(turn)
### BEGIN HIDDEN TESTS
check.turn.grade(turn)
### END HIDDEN TESTS

# %% [wrong] a straight line
# return (1 - t) * one + t * other

# %% [wrong] it runs backwards
# w = np.arccos(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
# return (np.sin(t * w) * one + np.sin((1 - t) * w) * other) / np.sin(w)

# %% [wrong] the direction is not right
# x = (1 - t) * one + t * other
# return x * np.linalg.norm(one) / np.linalg.norm(x)

# %% [wrong] no angle has that cosine
# w = np.arccos(one @ other)
# return (np.sin((1 - t) * w) * one + np.sin(t * w) * other) / np.sin(w)

# %% [wrong] the direction is right, the length is not
# w = np.arccos(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
# return np.sin((1 - t) * w) * one + np.sin(t * w) * other

# %% [exercise] strongest, change and observe, 10 minutes
# Which toggle moves most?
# The cell presses one toggle for eight people and says how far their pictures move. Try *Smiling*,
# *Eyeglasses*, *Wearing_Hat*, *Pale_Skin*, *Bangs* and *Blond_Hair*: which one moves the picture most,
# which one least? Is it the order in which *you* notice them?

# %% [given]
TOGGLE = "Bangs"  # change this
gan = facegen.load("clay-gan")
noise = gan.sample_noise(8, seed=8)
off, on = (np.repeat([switched(check.somebody(), NAMES, TOGGLE, value)], 8, axis=0) for value in (0, 1))
before, after = (gan.draw({"attributes": rows, "noise": noise}) for rows in (off, on))
print(f"{TOGGLE} moves the picture by {metrics.distance(before, after).mean():.1f} grey levels")

# %% [answer]
most, least = None, None
### BEGIN SOLUTION
most, least = "Blond_Hair", "Smiling"
### END SOLUTION

# %% [check] 1
check.strongest(most, least)
### BEGIN HIDDEN TESTS
check.strongest.grade(most, least)
### END HIDDEN TESTS

# %% [wrong] another moves it more
# most, least = "Pale_Skin", "Smiling"

# %% [wrong] another moves it less
# most, least = "Blond_Hair", "Eyeglasses"

# %% [wrong] the other way round
# most, least = "Smiling", "Blond_Hair"

# %% [exercise] me, bring your own data, 20 minutes
# Somebody you know
# Describe yourself, or somebody who agrees to it, with at least six of the 40 attributes (`NAMES` lists
# them), such as `"Young+Male+Black_Hair"`. Eight faces that fit are drawn, from eight seeds. How much of
# the person is in the toggles, how much would the noise have to hit? Show the eight to somebody who knows
# the person, beside eight of another one: can they tell which are which?

# %% [answer]
me = None
### BEGIN SOLUTION
me = "Young+No_Beard+Brown_Hair+Wavy_Hair+Smiling+Eyeglasses"
### END SOLUTION

# %% [check] 2
check.me(me)
### BEGIN HIDDEN TESTS
check.me.grade(me)
### END HIDDEN TESTS

# %% [given]
check.portraits(me)

# %% [wrong] exclude each other
# me = "Young+No_Beard+Brown_Hair+Bald+Smiling+Eyeglasses"

# %% [wrong] describe many people
# me = "Young+Brown_Hair"

# %% [wrong] Did you mean
# me = "Young+No_Beard+Brown_Hair+Wavy_Hair+Smiling+Eyeglases"

# %% [text]
# ### More, for an evening each
# 1. Find the attribute that drags most of the rest along: with one person, press each of the 40. Where does
#    the picture change besides its own place (`metrics.toggle_map`)?
# 2. Find a seed whose person looks like you. How much of that is the toggles', how much the noise's?
# 3. Train notebook 2's deaf network for as long as you like, and give it to `AttributePanel`.
#    How soon do you notice?
