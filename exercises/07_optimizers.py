# %% [question]
# Why does every optimizer get a rate of its own in this race?
# ---
# A rate is a factor of something else in each: of the gradient itself in SGD, of a gradient divided by its
# own size in Adam. With one number for all, most would run far from their best, and the table would tell
# which of them happens to like that number.

# %% [question]
# Two curves cross: one optimizer is ahead over steps, the other over seconds. Which one is faster?
# ---
# Both statements are true. Steps tell what an optimizer makes of a gradient, seconds what you pay for it,
# and a step of Muon costs more than one of Adam. If you wait for a training, count seconds; if you want to
# understand the method, count steps.

# %% [question]
# Early pictures under every optimizer are the ghost of everybody. Why does the mean come first?
# ---
# It lowers the error of *all* pictures at once, so the gradients of all batches agree on it. What tells one
# person from another pulls in another direction in each batch and mostly cancels out, and what an emotion
# changes is smaller still.

# %% [question]
# Batch normalisation is left out of this network. What would it have shown instead?
# ---
# What is drawn outside of training uses running means that lag some hundred steps behind. A half-trained
# network would be drawn with statistics of a network that it no longer is, and the pictures would show this
# delay and not the optimizer.

# %% [question]
# Two trainings differ in nothing but the seed and end 0.3 dB apart. Two optimizers end 0.4 dB apart. What
# do you conclude?
# ---
# Nothing yet. The difference between the optimizers is of the size that chance makes alone. It needs
# several seeds for each, and the spread beside the means, before you may say that one is better.

# %% [text]
# ## Exercises
# Each has a cell for your answer and a cell that checks it: it says *not yet* with a hint, as often as you
# like, and stops nothing. They need nothing of the notebook above, but where they name it.

# %% [setup]
import json

import numpy as np

from facegen.course.checks import optimizers as check
from facegen.models import zoo

# %% [exercise] first_step, predict and run, 5 minutes
# The first step
# Two weights have the gradients 1000 and 0.001. How far does each of them move in the *first* step of
# SGD(0.1), and how far in the first one of Adam(0.003)? Predict all four numbers, without their signs.

# %% [answer]
sgd_steep, sgd_flat = None, None
adam_steep, adam_flat = None, None
### BEGIN SOLUTION
sgd_steep, sgd_flat = 100, 0.0001
adam_steep, adam_flat = 0.003, 0.003
### END SOLUTION

# %% [check] 1
check.first_step(sgd_steep, sgd_flat, adam_steep, adam_flat)
### BEGIN HIDDEN TESTS
check.first_step.grade(sgd_steep, sgd_flat, adam_steep, adam_flat)
### END HIDDEN TESTS

# %% [wrong] what is left of the gradient's size
# sgd_steep, sgd_flat, adam_steep, adam_flat = 100, 0.0001, 3, 0.000003

# %% [wrong] multiplies the gradient by the rate
# sgd_steep, sgd_flat, adam_steep, adam_flat = 0.1, 0.1, 0.003, 0.003

# %% [wrong] without the correction of its bias
# sgd_steep, sgd_flat = 100, 0.0001
# adam_steep, adam_flat = 0.009487, 0.009487

# %% [exercise] momentum, write a missing piece, 15 minutes
# Momentum
# Write SGD with momentum for a single weight that begins at 0: the velocity becomes beta x velocity - rate
# x gradient, and the weight moves by it. Return where the weight is after each step.


# %% [answer]
def momentum(gradients, rate, beta):
    """Where a weight is after each of these gradients, (n,); it begins at 0."""
    ### BEGIN SOLUTION
    velocity, weight, path = 0.0, 0.0, []
    for g in gradients:
        velocity = beta * velocity - rate * g
        weight += velocity
        path.append(weight)
    return np.array(path)
    ### END SOLUTION


# %% [check] 1
check.momentum(momentum)
### BEGIN HIDDEN TESTS
check.momentum.grade(momentum)
### END HIDDEN TESTS

# %% [wrong] nothing is remembered
# return -rate * np.cumsum(gradients)

# %% [wrong] that is a fading *mean*
# mean, weight, path = 0.0, 0.0, []
# for g in gradients:
#     mean = beta * mean + (1 - beta) * g
#     weight -= rate * mean
#     path.append(weight)
# return np.array(path)

# %% [wrong] uphill
# velocity, weight, path = 0.0, 0.0, []
# for g in gradients:
#     velocity = beta * velocity + rate * g
#     weight += velocity
#     path.append(weight)
# return np.array(path)

# %% [exercise] adam, write a missing piece, 30 minutes
# Adam
# Write Adam for a single weight that begins at 0 ([Kingma & Ba, 2015](https://arxiv.org/abs/1412.6980),
# algorithm 1): a fading mean of the gradients, a fading mean of their squares, both divided by 1 - beta to
# the power of the step (counted from 1), for they begin at 0; then the weight moves by rate x mean / (root
# of mean square + 1e-7). Return where it is after each step.


# %% [answer]
def adam(gradients, rate, beta_1, beta_2):
    """Where a weight is after each of these gradients, (n,); it begins at 0."""
    ### BEGIN SOLUTION
    mean, square, weight, path = 0.0, 0.0, 0.0, []
    for t, g in enumerate(gradients, 1):
        mean = beta_1 * mean + (1 - beta_1) * g
        square = beta_2 * square + (1 - beta_2) * g**2
        weight -= rate * mean / (1 - beta_1**t) / (np.sqrt(square / (1 - beta_2**t)) + 1e-7)
        path.append(weight)
    return np.array(path)
    ### END SOLUTION


# %% [check] 3
check.adam(adam)
### BEGIN HIDDEN TESTS
check.adam.grade(adam)
### END HIDDEN TESTS

# %% [wrong] too small at first
# mean, square, weight, path = 0.0, 0.0, 0.0, []
# for g in gradients:
#     mean, square = beta_1 * mean + (1 - beta_1) * g, beta_2 * square + (1 - beta_2) * g**2
#     weight -= rate * mean / (np.sqrt(square) + 1e-7)
#     path.append(weight)
# return np.array(path)

# %% [wrong] it is the *root* of it
# mean, square, weight, path = 0.0, 0.0, 0.0, []
# for t, g in enumerate(gradients, 1):
#     mean, square = beta_1 * mean + (1 - beta_1) * g, beta_2 * square + (1 - beta_2) * g**2
#     weight -= rate * mean / (1 - beta_1**t) / (square / (1 - beta_2**t) + 1e-7)
#     path.append(weight)
# return np.array(path)

# %% [wrong] count from 1
# mean, square, weight, path = 0.0, 0.0, 0.0, []
# for t, g in enumerate(gradients):
#     mean, square = beta_1 * mean + (1 - beta_1) * g, beta_2 * square + (1 - beta_2) * g**2
#     weight -= rate * mean / (1 - beta_1**t) / (np.sqrt(square / (1 - beta_2**t)) + 1e-7)
#     path.append(weight)
# return np.array(path)

# %% [wrong] both means corrected
# return -rate * np.cumsum(np.sign(gradients))

# %% [exercise] valley, change and observe, 10 minutes
# A valley with steep walls
# The height is (x² + 100 y²) / 2: a valley along x with steep walls. Run the cell, and change `rate` until
# you have found the largest one with which the descent ends lower than it began. Two digits suffice.

# %% [given]
rate = 0.001  # change this
place = np.array([10.0, 1.0])
for _ in range(200):
    place = place - rate * np.array([1, 100]) * place  # the gradient is (x, 100 y)
print(f"after 200 steps: x = {place[0]:.3g}, y = {place[1]:.3g}")

# %% [answer]
largest_rate = None
### BEGIN SOLUTION
largest_rate = 0.0199
### END SOLUTION

# %% [check] 1
check.valley(largest_rate)
### BEGIN HIDDEN TESTS
check.valley.grade(largest_rate)
### END HIDDEN TESTS

# %% [wrong] it is thrown out
# largest_rate = 0.021

# %% [wrong] try a much larger one
# largest_rate = 0.001

# %% [wrong] there is still some room
# largest_rate = 0.01

# %% [exercise] tried, bring your own data, an evening
# An optimizer of your own
# `keras.optimizers` has more: Lion, Nadam, Adafactor, Lamb. Choose one, race it with this notebook's `race`
# at three rates or more, about three times apart, until the best is not at the edge; with at least two
# seeds each (in `fresh`). Write down what you have measured, in decibels: rate -> a list with a number for
# each seed. Is the difference between rates larger than between seeds?

# %% [answer]
measured = None  # such as {0.001: [21.3, 21.0], 0.003: ...}
### BEGIN SOLUTION
grid = json.loads((zoo.shipped() / "clay-deconv" / "optimizers.json").read_text())
measured = {float(rate): [*seeds.values()] for rate, seeds in grid["psnr"]["Adam"].items()}
### END SOLUTION

# %% [check] 3
check.tried(measured)
### BEGIN HIDDEN TESTS
check.tried.grade(measured)
### END HIDDEN TESTS

# %% [wrong] is at the edge of what was tried
# ...
# measured = {rate: seeds for rate, seeds in measured.items() if rate <= 0.003}

# %% [wrong] result that is no number
# ...
# measured[max(measured)] = [float("nan")] * 2

# %% [wrong] a list for each rate
# ...
# measured = {rate: seeds[0] for rate, seeds in measured.items()}

# %% [wrong] one seed may be luck
# ...
# measured = {rate: seeds[:1] for rate, seeds in measured.items()}

# %% [wrong] nearly the same
# ...
# measured = {**measured, 0.0031: [23.5, 23.6]}

# %% [text]
# ### More, for an evening each
# 1. Give all optimizers batches of 64. Who gains?
# 2. Draw *illegal* inputs (notebook 5) with half-trained networks of two optimizers. Whose is which?
# 3. Race Adam with two other seeds in `fresh`. Are optimizers further apart than seeds?
