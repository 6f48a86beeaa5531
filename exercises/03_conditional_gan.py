# %% [question]
# The attribute classifier has never seen a drawn face. Why does that matter?
# ---
# Had it been trained together with the generator, as the discriminator's own head is, the generator could
# learn to please just that network, by patterns that no eye would call a smile. A judge who did not take
# part in the training is harder to please by tricks.

# %% [question]
# Why do real faces with *somebody else's* attributes count as fake?
# ---
# They look perfectly real, so a discriminator that only looks at the picture would pass them. To call them
# fake it has to read the attributes and compare. That is the lesson which makes it able to catch a
# generator that draws good faces and does not listen.

# %% [question]
# This notebook's small classifier reads `clay-gan` a little *better* than the set's own faces (the report's,
# a little worse). Does it draw better smiles than the truth?
# ---
# Not necessarily: it may draw clearer ones. It was trained to be read, and a smile that is a bit too broad
# is easier to read than many a true one. When a measure becomes the target, it stops being a good measure
# (Goodhart's law); so look at the pictures, and at other measures, too.

# %% [question]
# The report sets the Fréchet distance of drawn faces beside that of real ones and of blurred ones. Why
# these two?
# ---
# The number itself has no unit that anyone could judge. Between real faces and real faces it is not 0, for
# chance alone separates two samples: that is the best that can be reached. And the blurred ones show how
# large it gets when something is visibly wrong. Between the two, a number begins to mean something.

# %% [question]
# An attribute is heeded badly. What could you try, before you train for longer?
# ---
# Look at the ceiling first: what the classifier cannot read in real faces, nobody can measure. Then at how
# much of a picture it changes: a small change weighs little in the discriminator's verdict. Then at the
# company it keeps: what never occurs apart in the table cannot be learned apart. Only the rest is a matter
# of training.

# %% [text]
# ## Exercises
# Each has a cell for your answer and a cell that checks it: it says *not yet* with a hint, as often as you
# like, and stops nothing. They need nothing of the notebook above.

# %% [setup]
import json

import numpy as np

import facegen
from facegen.course.checks import conditional_gan as check
from facegen.metrics.formatting import rank_correlation
from facegen.models import zoo
from facegen.viz import plots

# %% [exercise] chance, predict and run, 5 minutes
# F1 by chance
# A fifth of all requests ask for a smile. The generator does not listen at all, and the classifier sees a
# smile in half of its pictures, whatever was asked for. What is the F1 of *Smiling*, 2 hits / (all that
# were asked for + all that were seen)? Predict it, to two decimals.

# %% [answer]
by_chance = None
### BEGIN SOLUTION
by_chance = 2 * 0.2 * 0.5 / (0.2 + 0.5)
### END SOLUTION

# %% [check] 1
check.chance(by_chance)
### BEGIN HIDDEN TESTS
check.chance.grade(by_chance)
### END HIDDEN TESTS

# %% [wrong] leaves out those rightly read as calm
# by_chance = 0.5

# %% [wrong] is the harmonic one
# by_chance = (0.2 + 0.5) / 2

# %% [wrong] the share of hits
# by_chance = 0.2 * 0.5

# %% [exercise] f1, write a missing piece, 10 minutes
# F1, by hand
# Write F1 for each attribute: of what the classifier sees and of what was asked for, both true or false, of
# shape (faces, attributes). Hits are those that were asked for and seen; F1 is 2 hits / (all that were
# asked for + all that were seen).


# %% [answer]
def f1_of(seen, wanted):
    """F1 of each column of bool (n, columns), an array (columns,)."""
    ### BEGIN SOLUTION
    hits = (seen & wanted).sum(axis=0)
    return 2 * hits / (seen.sum(axis=0) + wanted.sum(axis=0))
    ### END SOLUTION


# %% [check] 1
check.f1(f1_of)
### BEGIN HIDDEN TESTS
check.f1.grade(f1_of)
### END HIDDEN TESTS

# %% [wrong] that is accuracy
# return (seen == wanted).mean(axis=0)

# %% [wrong] that is precision
# return (seen & wanted).sum(axis=0) / seen.sum(axis=0)

# %% [wrong] a number for each of 3 columns
# return 2 * (seen & wanted).sum() / (seen.sum() + wanted.sum())

# %% [exercise] mismatched, write a missing piece, 20 minutes
# Somebody else's attributes
# The discriminator is also shown real faces with the attributes of *another* face, and has to call them
# fake. Write the function that deals them out: of a table (faces, attributes) a table of the same shape in
# which every face has another face's row, and each row is dealt out once. `random` is a NumPy generator, if
# you need chance. (All rows differ in the check's tables.)


# %% [answer]
def mismatched(attributes, random):
    """A table in which nobody has the own row, and everybody has somebody's."""
    ### BEGIN SOLUTION
    return np.roll(attributes, random.integers(1, len(attributes)), axis=0)
    ### END SOLUTION


# %% [check] 2
check.mismatched(mismatched)
### BEGIN HIDDEN TESTS
check.mismatched.grade(mismatched)
### END HIDDEN TESTS

# %% [wrong] has kept its own attributes
# return random.permutation(attributes)

# %% [wrong] has kept its own attributes
# return attributes[::-1]

# %% [wrong] dealt out once
# return np.concatenate([attributes[1:2], np.repeat(attributes[:1], len(attributes) - 1, axis=0)])

# %% [wrong] rows that no face has
# return 1 - attributes

# %% [wrong] in other columns
# return np.roll(attributes, 1, axis=1)

# %% [exercise] reasons, change and observe, 15 minutes
# Which are hard, and why?
# The shipped report tells of every attribute how well `clay-gan` heeds it, how rare its rarer answer is,
# and which area and how much of a picture it changes. Which of these goes with being heeded? Run the cell
# for each of the three words in turn, note the rank correlations, and name the word that fits `best`.

# %% [given]
REASON = "rare"  # change this to "area", then to "change"
report = json.loads((zoo.find("clay-gan") / "measures.json").read_text())
by_name, toggles = report["control"]["attributes"], report["toggle"]["attributes"]
heeded = [(row["f1"] - row["floor"]) / (row["ceiling"] - row["floor"]) for row in by_name.values()]
columns = {
    "rare": [min(row["frequency"], 1 - row["frequency"]) for row in by_name.values()],
    "area": [toggles[name]["area"] for name in by_name],
    "change": [toggles[name]["change_truth"] for name in by_name],
}
print(f"{REASON}: rank correlation {rank_correlation(heeded, columns[REASON]):.2f} with being heeded")

# %% [answer]
rare, area, change = None, None, None
best = None
### BEGIN SOLUTION
rare, area, change = (rank_correlation(heeded, values) for values in columns.values())
best = max(columns, key=lambda name: rank_correlation(heeded, columns[name]))
### END SOLUTION

# %% [check] 2
check.reasons(rare, area, change, best)
### BEGIN HIDDEN TESTS
check.reasons.grade(rare, area, change, best)
### END HIDDEN TESTS

# %% [wrong] the largest of the three numbers
# ...
# best = min(columns, key=lambda name: rank_correlation(heeded, columns[name]))

# %% [wrong] which word stood in REASON
# ...
# area, change = change, area

# %% [wrong] the signs are turned round
# ...
# rare, area, change = -rare, -area, -change

# %% [exercise] eyes, bring your own data, 10 minutes
# Your own eyes
# How well does `clay-gan` obey in *your* eyes? Sixteen people were asked for, some of them smiling. Look at
# the sheet and write down, row by row, 1 for each face that smiles to you, 0 for each that does not. You
# are the classifier now. (Then ask somebody else: how often do the two of you agree?)

# %% [given]
gan = facegen.load("clay-gan")
sheet = gan.draw({"attributes": check.sixteen(), "noise": gan.sample_noise(16, seed=3)})
alt = "Sixteen faces in two rows of eight, numbered; some of them smile."
plots.contact_sheet(sheet, columns=8, titles=[str(i + 1) for i in range(16)], side=96, alt=alt)

# %% [answer]
smiles = None  # a list of sixteen numbers, 1 for a smile
### BEGIN SOLUTION
smiles = check.sixteen()[:, 31]  # Smiling as it was asked for; yours may differ in places
### END SOLUTION

# %% [check] 2
check.eyes(smiles)
### BEGIN HIDDEN TESTS
check.eyes.grade(smiles)
### END HIDDEN TESTS

# %% [wrong] the same answer for all
# smiles = [0] * 16

# %% [wrong] for the calm ones
# smiles = 1 - check.sixteen()[:, 31]

# %% [wrong] expected 16 answers
# smiles = [0, 1, 1, 0, 1, 0, 0, 1]

# %% [text]
# ### More, for an evening each
# Train each into a folder of its own, such as `course.run("only-classifier")`.
# 1. Train with `conditioning="classifier"` alone. It obeys sooner: what happens to coverage?
#    (`metrics.fidelity_report(classifier, drawn, unseen)["drawn"]["coverage"]`)
# 2. Train with `classifier_weight=10`. It obeys sooner: look at the pictures closely.
# 3. Flip two attributes at once that never occur together in the table. What does it draw?
