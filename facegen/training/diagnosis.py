"""What goes wrong while a network learns: noticed by numbers, and explained in words.

After every epoch the same few faces are drawn again, and two numbers go into the log:

- `spread`: how far apart two drawn faces are, as a share of how far apart two real ones are. It is near 1
  where everybody looks different, and near 0 where all look the same.
- `told`, of a GAN: the share of faces, half of them real and half of them drawn, of which the
  discriminator says rightly which they are. 0.5 is guessing.

What they and the losses give away is told in the words of `findings`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from textwrap import fill

import numpy as np

from facegen.data.loader import Batches
from facegen.metrics import diversity
from facegen.models.base import FaceModel
from facegen.models.gan import GAN
from facegen.training import resources
from facegen.utils import files
from facegen.utils.arrays import evenly

FACES = 64  # that are drawn again after each epoch
YOUNG = 200  # steps: before, every generator draws one picture, and every discriminator errs
SAME = 0.3  # of the spread of real faces: less looks like one face; GANs that work have 0.6 and more
WON = 0.05  # loss of a discriminator that is right by far about nearly every face
SURE = 0.98  # of the faces, for which it must also be right
SENSELESS = 1e6  # no loss of these networks means anything beyond
NO_MEMORY = re.compile(  # the last one is oneDNN's, on a CPU
    r"RESOURCE_EXHAUSTED|ResourceExhausted|out of memory|\bOOM\b|bad_alloc|Status: 1, message:", re.IGNORECASE
)


class Probe:
    """Draws the same faces again and again, and measures them.

    Args:
        model: of any kind.
        batches: what it learns from; some rows spread over the set are asked for, and compared with.
    """

    def __init__(self, model: FaceModel, batches: Batches):
        rows = evenly(len(batches.pixels), FACES)
        self.given = batches.rows(rows)
        self.model, self.real = model, self.given.pop("image")
        self.inputs, self.most = self.given, batches.batch_size
        if model.reads_noise:
            self.inputs = {**self.given, "noise": model.sample_noise(len(rows), seed=0)}

    def __call__(self) -> dict[str, float]:
        """What is seen now: {"spread"} and, of a GAN, {"told"}."""
        if len(self.real) < 2:
            return {}
        drawn = self.model.draw(self.inputs, self.most)
        seen = {"spread": round(diversity(drawn) / max(diversity(self.real), 1e-9), 4)}
        if isinstance(self.model, GAN):
            right = [self._called_real(self.real), 1 - self._called_real(drawn)]
            seen["told"] = round(float(np.mean(right)), 4)
        return seen

    def _called_real(self, images: np.ndarray) -> float:
        """Of pictures, the share that the discriminator takes for real."""
        chunks = [slice(i, i + self.most) for i in range(0, len(images), self.most)]
        given = [{name: rows[chunk] for name, rows in self.given.items()} for chunk in chunks]
        scores = [self.model.score(images[chunk], rows) for chunk, rows in zip(chunks, given, strict=True)]
        return float((np.concatenate(scores) > 0.5).mean())


def non_finite(logs: Mapping[str, float]) -> str:
    """Which of a step's numbers is none any more, or too large to mean anything; "" where all are good."""
    for name, value in logs.items():
        if not np.isfinite(value):
            return f"{name} is no longer a number"
        if abs(value) > SENSELESS:
            return f"{name} has grown to {value:.1e}"
    return ""


def memory_warning(model: FaceModel, batch_size: int) -> str:
    """What to say before a training that may not fit into memory; "" where it does by far.

    An estimate (see resources.py): some systems end a process that takes too much without a word.
    """
    needed, there = resources.estimate(model, batch_size), resources.available()
    if needed <= there:
        return ""
    fits = resources.largest_batch(resources.estimate, model, batch_size, there)
    advice = f"a batch of {fits} would do with that" if fits else "a smaller network would do with less"
    return (
        f"Memory may not suffice: a batch of {batch_size} needs about {files.size(needed)}, "
        f"{files.size(there)} are free; {advice}. If everything ends without a message, this was why."
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of TensorFlow, JAX, torch or NumPy says that there was not enough memory."""
    told = f"{type(error).__name__}: {error}"
    return isinstance(error, MemoryError) or bool(NO_MEMORY.search(told))


def findings(rows: Sequence[Mapping[str, float]], model: FaceModel, steps: int) -> dict[str, str]:
    """What a log tells to whoever can read it: a paragraph for each thing that went wrong.

    A thing is found at the second of two epochs, one after the other, in which it is seen.

    Args:
        rows: of the log.
        model: compiled; what it is made of decides what can be advised.
        steps: of an epoch.

    Returns:
        Some of "collapse", "victory" and "flat" -> what was seen, what it means, what helps.
    """
    known = {"flat": (_has_collapsed, _mean_prediction)}
    if isinstance(model, GAN):
        known = {"collapse": (_has_collapsed, _collapse), "victory": (_has_won, _overpowering)}
    grown = [row for row in rows if row["epoch"] * steps >= YOUNG]
    found = {}
    for name, (sign, tell) in known.items():
        seen = [now for before, now in pairwise(grown) if sign(before) and sign(now)]
        if seen:
            found[name] = f"Epoch {seen[0]['epoch']}: {tell(seen[0], model)}"
    return found


def _has_collapsed(row: Mapping[str, float]) -> bool:
    return row.get("spread", 1) < SAME


def _has_won(row: Mapping[str, float]) -> bool:
    return row.get("told", 0) >= SURE and row.get("d_loss", 1) < WON


def _collapse(row: Mapping[str, float], model: GAN) -> str:
    return _paragraph(
        "the generator has collapsed.",
        f"{FACES} different requests give nearly one picture: two drawn faces are only {row['spread']:.0%} "
        "as far apart as two real ones (`spread` in the log).",
        "The discriminator judges one picture at a time. A generator that has found one picture that passes "
        "is never told to draw a second one; and once the discriminator knows that picture, both move on to "
        "the next. This goes round in circles, and training longer seldom helps.",
        _against_collapse(model),
    )


def _overpowering(row: Mapping[str, float], model: GAN) -> str:
    return _paragraph(
        "the discriminator has won.",
        f"It tells {row['told']:.0%} of real and drawn faces apart (`told` in the log), and its loss is down "
        f"to {row['d_loss']:.3f} (`d_loss`).",
        "The generator learns from how the verdict changes when its picture changes a little. Where every "
        "drawn picture is wrong beyond doubt, one that is a little better is as wrong as before, and there "
        "is next to nothing to learn from.",
        _against_overpowering(model),
    )


def _mean_prediction(row: Mapping[str, float], model: FaceModel) -> str:
    rate = _rate(model)
    return _paragraph(
        "the network draws one picture for everybody.",
        f"Two drawn faces are only {row['spread']:.0%} as far apart as two real ones (`spread` in the log).",
        "It has found the mean of all faces, which is the best single answer, and makes no difference yet "
        "(or, if its units have died, no more) between what it is asked for.",
        [
            "More epochs, if `loss` still falls",
            "else another learning rate than "
            f"{rate:.2g}: {rate * 3:.2g} if `loss` hardly moves, {rate / 3:.2g} if it jumps",
            "and look whether the conditions belong to the pictures (notebook 01)",
        ],
    )


def _paragraph(title: str, seen: str, meaning: str, remedies: Iterable[str]) -> str:
    """A finding, as a text of several lines."""
    lines = [title]
    for name, text in (("Seen", seen), ("Meaning", meaning), ("Remedy", "; ".join(remedies) + ".")):
        lines.append(fill(text, 100, initial_indent=f"  {name + ':':9}", subsequent_indent=" " * 11))
    return "\n".join(lines)


def _against_collapse(model: GAN) -> Iterator[str]:
    now, rate = model.settings, getattr(model.optimizer, "discriminator_lr_ratio", 4)
    remedies = {
        "`centred=True` (requests as -1 and 1, so that two of them differ from the start)": not now[
            "centred"
        ],
        f"`latent_dim=64` instead of {now['latent_dim']} (room for what attributes do not say)": now[
            "latent_dim"
        ]
        < 16,
        "`spectral=True` with `dropout=0.0` (the discriminator's advice stays smooth)": not now["spectral"],
        '`loss="hinge"` (what has long been judged right counts no more)': now["loss"] != "hinge",
        "`TTURAdam(discriminator_lr_ratio=4.0)` (repetition is noticed soon)": rate < 4,
        '`label_sampling="shuffled"` (people as they are, instead of coins)': now["label_sampling"]
        != "shuffled",
        "`ema=0.99` (drawing with the mean of many generators)": not now["ema"],
    }
    yield from _missing(remedies)


def _against_overpowering(model: GAN) -> Iterator[str]:
    now, rate = model.settings, getattr(model.optimizer, "discriminator_lr_ratio", 1)
    wide = now["discriminator_width"] > now["width"]
    by_heart = not (now["dropout"] or now["spectral"])
    remedies = {
        "`spectral=True` (bounds how steep a verdict can become)": not now["spectral"],
        '`loss="hinge"` (pays nobody for being surer than sure)': now["loss"] != "hinge",
        f"`TTURAdam(discriminator_lr_ratio={rate / 4:g})` instead of {rate:g} (it learns more slowly)": rate
        > 0.25,
        "`dropout=0.25` (it cannot learn its pictures by heart)": by_heart,
        f"`discriminator_width={now['width']}` (no larger than the generator)": wide,
    }
    yield from _missing(remedies)


def _missing(remedies: Mapping[str, bool]) -> Iterator[str]:
    """Those remedies that are not in use yet."""
    missing = [remedy for remedy, lacks in remedies.items() if lacks]
    if missing:
        yield "In a training of its own, in another folder: " + missing[0]
        yield from missing[1:]
        yield "notebook 02 shows a GAN without them and with them"
    else:
        yield "All that `GAN` knows against it is in use: a smaller learning rate, or more pictures, may help"


def against_divergence(model: FaceModel) -> str:
    """What keeps the losses of this model finite, in a sentence."""
    optimizer, rate = type(model.optimizer).__name__, _rate(model)
    advice = [f"a smaller learning rate (`{optimizer}({rate / 4:.2g})` instead of {rate:.2g})"]
    if not model.optimizer.clipnorm:
        advice.append(f"shorter steps where they are too long (`{optimizer}(clipnorm=1.0)`)")
    if isinstance(model, GAN) and not model.settings["spectral"]:
        advice.append("`GAN(spectral=True)`")
    if model.precision != "float32":
        advice.append(f"float32 instead of {model.precision}")
    return f"The same again would go the same way. What helps, in another folder: {', or '.join(advice)}."


def _rate(model: FaceModel) -> float:
    """The learning rate; of a schedule its highest, for it begins and ends with what nobody could use."""
    schedule = model.optimizer.get_config()["learning_rate"]
    config = schedule["config"] if isinstance(schedule, dict) else {}
    known = [config.get(name) for name in ("initial_learning_rate", "warmup_target", "values")]
    rates = np.hstack([rate for rate in known if rate is not None] or [model.optimizer.learning_rate])
    return float(rates.max())
