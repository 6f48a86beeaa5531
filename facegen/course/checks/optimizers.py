"""Checks of the exercises of notebook 7."""

from collections.abc import Mapping

import numpy as np

from facegen.course.exercises import Check, near, need

STEEP, FLAT, SGD_RATE, ADAM_RATE = 1000.0, 0.001, 0.1, 0.003  # gradients of two weights; learning rates
CURVATURE = 100.0  # of the valley's steep walls


@Check
def first_step(sgd_steep, sgd_flat, adam_steep, adam_flat, random):
    """How far SGD and Adam move a weight in the first step."""
    sgd = np.abs([sgd_steep, sgd_flat])
    need(
        not near(sgd, [SGD_RATE] * 2),
        "SGD multiplies the gradient by the rate: a small one stays small",
    )
    need(
        near(sgd, [SGD_RATE * STEEP, SGD_RATE * FLAT], 1e-5),
        "SGD: rate x gradient, for each of the two weights",
    )
    adam = np.abs([adam_steep, adam_flat])
    need(
        not near(adam, [ADAM_RATE * STEEP, ADAM_RATE * FLAT], 1e-5),
        "Adam divides by the root of the mean square: what is left of the gradient's size?",
    )
    need(
        not near(adam, [ADAM_RATE * 0.1 / np.sqrt(0.001)] * 2, 1e-5),
        "without the correction of its bias; with it the means of a first step are g and g²",
    )
    need(
        near(adam, [ADAM_RATE] * 2, 1e-5),
        "Adam, first step: rate x g / root of g², for each of the two weights",
    )
    return "SGD moves the steep weight a million times as far; Adam moves both by its rate"


@Check
def momentum(move, random):
    """Where a weight is after each step of SGD with momentum, from 0."""
    g, rate, beta = random.normal(size=6), 1.0, 0.9
    found, expected = move(g, rate, beta), momentum_path(g, rate, beta)
    need(
        np.shape(found) == (6,),
        f"expected where the weight is after each of 6 steps, found shape {np.shape(found)}",
    )
    need(not near(found, -rate * np.cumsum(g)), "nothing is remembered: that is plain SGD")
    need(not near(found, -np.asarray(expected)), "uphill: the weight moves *against* the gradient")
    need(
        not near(found, (1 - beta) * expected),
        "that is a fading *mean*, a tenth of it; Keras's momentum adds each gradient in full to what is left",
    )
    need(
        near(found, expected), "velocity = beta x velocity - rate x g; then the weight moves by the velocity"
    )
    return "as `keras.optimizers.SGD(rate, momentum=beta)`"


def momentum_path(gradients: np.ndarray, rate: float, beta: float) -> np.ndarray:
    """The weight after each step, (n,)."""
    velocity, weight, path = 0.0, 0.0, []
    for g in gradients:
        velocity = beta * velocity - rate * g
        weight += velocity
        path.append(weight)
    return np.array(path)


@Check
def adam(move, random):
    """Where a weight is after each step of Adam, from 0."""
    g, rate, betas = random.normal(size=6), 1.0, (0.9, 0.999)
    expected = adam_path(g, rate, *betas)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = move(g, rate, *betas)
    need(
        np.shape(found) == (6,),
        f"expected where the weight is after each of 6 steps, found shape {np.shape(found)}",
    )
    need(
        np.isfinite(found).all(),
        "no number comes out: counted from 0, the first step divides by 1 - beta⁰, which is 0; count from 1",
    )
    need(not near(found, -expected), "uphill: the weight moves *against* the gradient")
    need(
        not near(found, adam_path(g, rate, *betas, corrected=False)),
        "the means begin at 0 and are too small at first: divide each by 1 - beta to the power of the step",
    )
    need(
        not near(found, adam_path(g, rate, *betas, power=1.0)),
        "divided by the mean square itself: it is the *root* of it that has the gradient's unit",
    )
    need(near(found, expected), "weight -= rate x mean / (root of mean square + 1e-7), both means corrected")
    return "as `keras.optimizers.Adam`"


def adam_path(gradients, rate, beta_1, beta_2, corrected=True, power=0.5) -> np.ndarray:
    """The weight after each step, (n,), as Kingma & Ba (arXiv 1412.6980), algorithm 1, has it."""
    mean, square, weight, path = 0.0, 0.0, 0.0, []
    for t, g in enumerate(gradients, 1):
        mean, square = beta_1 * mean + (1 - beta_1) * g, beta_2 * square + (1 - beta_2) * g**2
        bias = (1 - beta_1**t, 1 - beta_2**t) if corrected else (1, 1)
        weight -= rate * (mean / bias[0]) / ((square / bias[1]) ** power + 1e-7)
        path.append(weight)
    return np.array(path)


@Check
def valley(rate, random):
    """The largest rate with which plain gradient descent stays in a valley with steep walls."""
    limit = 2 / CURVATURE
    need(rate > 0, "a rate below 0 goes uphill")
    need(
        rate <= limit,
        f"at {rate:g} each step goes further up the other wall than it came down: it is thrown out",
    )
    need(rate > limit / 4, f"{rate:g} is safe, and slow along the floor: try a much larger one")
    need(rate > 0.9 * limit, f"{rate:g} stays in the valley; there is still some room")
    return "2 / curvature of the steepest wall: that wall decides, however flat the floor is"


@Check
def tried(table, random):
    """A table of one optimizer's results, {rate: results of several seeds}."""
    need(
        isinstance(table, Mapping),
        "expected a dict: rate -> what each seed has reached, such as {0.001: [21.3, 21.0]}",
    )
    need(
        all(np.ndim(seeds) == 1 for seeds in table.values()),
        "expected a list for each rate, with a number for each seed",
    )
    need(
        all(np.isfinite(seeds).all() for seeds in table.values()),
        "there is a result that is no number: write what such a picture scores, or leave that rate out",
    )
    need(len(table) >= 3, f"{len(table)} rates say little: try at least three")
    need(min(map(len, table.values())) >= 2, "one seed may be luck: at least two for each rate")
    rates = sorted(table)
    means = [float(np.mean(table[rate])) for rate in rates]
    best = int(np.argmax(means))
    need(
        0 < best < len(rates) - 1,
        f"the best rate, {rates[best]:g}, is at the edge of what was tried: go further that way",
    )
    steps = np.array(rates[1:]) / rates[:-1]
    close = rates[int(steps.argmin())]
    need(
        steps.min() >= 1.5,
        f"{close:g} and the next rate are nearly the same: about three times apart is better",
    )
    luck = float(np.ptp(table[rates[best]]))
    return f"{rates[best]:g} is best; seeds lie {luck:.2f} apart there, rates {max(means) - min(means):.2f}"
