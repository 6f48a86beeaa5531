"""Numbers within docs/ that can be computed again in seconds, so that no sentence outlives its figure.

A test asks that each stands on its page; `python tools/figures.py --write` puts in what is so now.
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NUMBER = r"\d[\d,]*(?:\.\d+)?"
FORMAT = re.compile(r"\{:[^}]*\}")
GAN, HEADS, FLOW = "clay-gan", "clay-deconv", "clay-flow"
DECONV, SCALING, TEACHING = (f"docs/{name}.md" for name in ("deconvolution", "scaling", "teaching"))


@dataclass(frozen=True)
class Quoted:
    """A piece of a page with numbers in it.

    Attributes:
        page: where it stands.
        words: as they stand there, with {:.1f} or the like for each number, {} for one that is let alone.
        made: the command that makes the numbers.
        numbers: what they are now.
    """

    page: str
    words: str
    made: str
    numbers: Callable[[], Sequence[float]]

    def found(self, text: str) -> list[str]:
        """The places of a page where the words stand, whatever their numbers and line breaks."""
        return [match[0] for match in self._pattern().finditer(text)]

    def written(self, text: str) -> str:
        """A page with the numbers of now."""
        forms = FORMAT.findall(self.words)
        told = [form.format(number) for form, number in zip(forms, self.numbers(), strict=True)]
        return self._pattern().sub(lambda match: _joined(match.groups(), told), text)

    def _pattern(self) -> re.Pattern:
        between = (re.escape(part).replace(r"\{\}", NUMBER) for part in FORMAT.split(self.words))
        return re.compile(NUMBER.join("(" + re.sub(r"(\\ )+", r"\\s+", part) + ")" for part in between))


def _joined(parts: Sequence[str], numbers: Sequence[str]) -> str:
    return parts[0] + "".join(number + part for number, part in zip(numbers, parts[1:], strict=True))


def beside(model: str, file: str, *paths: str, times: float = 1) -> list[float]:
    """Numbers that are kept in a file beside a model, by paths such as turn.drawn.psnr.-1."""
    content = json.loads((ROOT / "models" / model / file).read_text(encoding="utf-8"))
    return [times * _inside(content, path.split(".")) for path in paths]


def _inside(found, keys: Sequence[str]) -> float:
    for key in keys:
        found = found[int(key) if isinstance(found, list) else key]
    return found


def said(notebook: str, words: str) -> list[float]:
    """The number that an executed notebook tells, in place of {} between these words."""
    text = (ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8")
    (number,) = set(re.findall(re.escape(words).replace(r"\{\}", f"({NUMBER})"), text))
    return [float(number)]


def reckoned(depth: int, batch: int) -> list[float]:
    """Gigabytes that `facegen train deconv` expects to need."""
    from benchmarks.memory import build
    from facegen.models.deconv import KERNELS
    from facegen.training import resources

    return [resources.estimate(build({"depth": depth, "kernels": KERNELS}), batch) / 1e9]


@cache
def counted(network: str) -> list[float]:
    """Parameters of a network at full size, and the bytes of their gradients."""
    from benchmarks import scaling

    size = sum(math.prod(weights.shape) for weights in scaling.models()[network].trainable_variables)
    return [size, 4 * size]


def everything() -> list[Quoted]:
    """All that is computed again."""
    return [*_deconvolution(), *_scaling(), *_teaching()]


def _deconvolution() -> list[Quoted]:
    trained, compared, memory = (
        f"`python {what}`"
        for what in (f"tools/ship.py {HEADS}", "benchmarks/recipes.py", "benchmarks/memory.py")
    )
    measures = partial(partial, beside, HEADS, "measures.json")
    row = " | {:.2f} | {:.3f} | {:.2f} | {:.2f} | {:.1f} |"
    columns = ("held out.PSNR", "seen.PSNR", "held out.SSIM", "held out.sharpness", "emotion", "minutes")

    def recipe(name: str) -> Callable[[], list[float]]:
        return partial(beside, HEADS, "recipes.json", *(f"scores.{name}.{path}" for path in columns))

    return [
        Quoted(DECONV, "`clay-deconv`, {:.0f} minutes", trained,
               partial(beside, HEADS, "model.json", "card.minutes")),
        Quoted(DECONV, "is read at {:.2f}, the true pictures at {:.2f}", trained,
               measures("recognition.drawn", "recognition.ceiling")),
        Quoted(DECONV, "{:.1f} dB held out and {:.1f} dB seen", trained,
               measures("pictures.drawn.psnr", "pictures.learned.psnr")),
        Quoted(DECONV, "in {:.1f} % of", trained, measures("between.nearer", times=100)),
        Quoted(DECONV, "of {:.0f} cases ({:.0f} people", trained,
               measures("between.pictures", "between.people")),
        Quoted(DECONV, "a stronger one, in {:.1f} %", trained, measures("between.nearer_unit", times=100)),
        Quoted(DECONV, "| original | {:.2f}" + row, compared, recipe("original")),
        Quoted(DECONV, "| today, without the focus | **{:.2f}**" + row, compared, recipe("today")),
        *(
            Quoted(DECONV, f"| {depth} | {batch} | {{}} x {{}} | {{}} GB | {{:.2f}} GB |", memory,
                   partial(reckoned, depth, batch))
            for depth in (5, 6) for batch in (8, 16)
        ),
    ]  # fmt: skip


def _scaling() -> list[Quoted]:
    words = "{} parameters that learn {{:,}} bytes of their gradients {{:,}}"
    return [
        Quoted(SCALING, words.format(name), "`python -m benchmarks.scaling`", partial(counted, name))
        for name in ("GAN, 64x64", "Deconv, 320x256")
    ]


def _teaching() -> list[Quoted]:
    trained, notebook = f"`python tools/ship.py {GAN}`", "`make notebooks`"
    measures = partial(partial, beside, GAN, "measures.json")
    obeys, floor, ceiling = "control.f1_mean", "control.f1_floor_mean", "control.f1_ceiling_mean"
    distances = [f"fidelity.{name}.frechet" for name in ("drawn", "real", "blurred", "shuffled")]
    never = partial(said, "01_datasets", "{}% for Bald")
    return [
        Quoted(TEACHING, "The latter is right in {:.1f} %", notebook, never),
        Quoted(TEACHING, '"no" alone is right: {:.1f} %', notebook, never),
        Quoted(TEACHING, "The twin's F1 is {:.2f}", trained, measures(floor)),
        Quoted(TEACHING, "an F1 of {:.2f}, the ceiling is {:.2f}, ours has {:.2f}", trained,
               measures(floor, ceiling, obeys)),
        Quoted(TEACHING, "what does our {:.2f} not show", trained, measures(obeys)),
        Quoted(TEACHING, "it is the floor. {:.2f} does not show", trained, measures(obeys)),
        Quoted(TEACHING, "distances here are {:.0f} for what is drawn and {:.0f} for real faces", trained,
               measures(*distances[:2])),
        Quoted(TEACHING, "blurred ({:,.0f}) and shuffled ({:,.0f})", trained, measures(*distances[2:])),
        *(Quoted(TEACHING, words, "the sum itself", partial(list, sums)) for words, sums in SUMS.items()),
    ]  # fmt: skip


SUMS = {  # of the exam
    "2 x 20 / (30 + 40) = {:.2f}": [2 * 20 / (30 + 40)],
    "ln 2 = {:.2f}": [math.log(2)],
    "5 x 5 x 64 x 48 + 48 = {:,}": [5 * 5 * 64 * 48 + 48],
    "80 x 64. {:.2f} and {:.2f}.": [math.sin(math.pi / 4), math.cos(math.pi / 4)],
    "10 log10(1 / 0.001) = {:.0f} dB; {:.0f} dB.": [10 * math.log10(1 / mse) for mse in (1e-3, 1e-4)],
    "e² / (e² + 1) = {:.2f}. 360 / 128 = {:.1f} degrees": [math.e**2 / (math.e**2 + 1), 360 / 128],
}
