"""What a flow's sampler buys and costs: steps, methods, guidance; and how well given pictures are edited.

    python benchmarks/flow.py data/clay-celeba                 clay-flow, to models/clay-flow/flow.json
    python benchmarks/flow.py data/clay-celeba --model build/runs/flow -o build/flow.json --people 8

It is meant for at most eight minutes of one core, once the set's classifier is there (`facegen measure`
leaves it). Held-out people are asked for, and read by that classifier: control as a share of what real
pictures reach, the Fréchet distance as a multiple of that between two halves of the real ones, coverage, and
how long a picture takes in a panel; the same of a GAN. Editing: true pictures are taken to their noise and
drawn again, with the same attributes (how near do they come back?) and with each one switched (is it seen,
and what else changes?), beside the truth.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from facegen import metrics
from facegen.data.reader import read
from facegen.metrics import fidelity, ground_truth
from facegen.metrics.controllability import flips, in_distribution, mean, read_all, toggle_effects
from facegen.metrics.gan_report import Evaluation, switched
from facegen.models import zoo
from facegen.models.base import FaceModel
from facegen.models.flow import Flow
from facegen.panel.fast import FastGenerator
from facegen.utils import files
from facegen.utils.logging import logger

# (method, steps, guidance): the same questions asked of the network in other ways; then other guidance
STEPS = [
    *(("euler", n, 2.0) for n in (2, 3, 4, 6, 8, 16)),
    *(("midpoint", n, 2.0) for n in (1, 2, 4)),
    ("heun", 2, 2.0),
]
GUIDANCE = [("euler", 4, g) for g in (1.0, 1.5, 2.0, 3.0, 4.0)]
STEPS_BACK = 64  # of an edit, to the noise and forward again
GUIDED = {"steps": 8, "method": "euler", "guidance": 2.0}  # another way forward
EQUAL = 99.0  # dB, for what JSON has no number: the same picture, to the grey level
PICTURES = 20  # drawn in a panel, for the time of one


def options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("data", help="the face set that the model learned from")
    add("--model", default="clay-flow", help="a flow: its name or folder (default: clay-flow)")
    add("-o", "--output", type=Path, help="file for the figures (default: flow.json in the model's folder)")
    add("--beside", default="clay-gan", help="another model for the same requests (default: clay-gan)")
    add("--count", type=int, default=200, help="held-out faces of each partition, at most (default: 200)")
    add("--people", type=int, default=8, help="whose pictures are edited (default: 8)")
    return parser.parse_args()


def milliseconds(model: FaceModel) -> float:
    """Median time of a picture as a panel draws it."""
    quick, times = FastGenerator(model), []
    inputs = {name: np.zeros(x.shape[1]) for name, x in model.generator.input.items()}
    for _ in range(PICTURES):
        start = time.perf_counter()
        quick.draw(inputs)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


class Scene(Evaluation):
    """What all rows of the tables are compared with."""

    def __init__(self, faces, size: int, count: int):
        super().__init__(faces, size, count, progress=False)
        others = np.setdiff1d(self.held, self.test)
        self.real, self.other = (
            self.classifier.features(self.pictures[rows]) for rows in (self.test, others)
        )
        seen = self.classifier.read(self.pictures[self.test])
        self.ceiling = metrics.control(seen, self.asked(self.test), self.names)["f1_mean"]
        self.likest = fidelity.frechet(self.other, self.real)

    def row(self, trained: Flow, method: str, steps: int, guidance: float) -> dict:
        """A row of a table: one way of drawing, and what becomes of it."""
        way = {"method": method, "steps": steps, "guidance": guidance}
        model = trained.exported(**way)
        return {**way, "evaluations": model.evaluations, **self.measured(model)}

    def measured(self, model: FaceModel) -> dict:
        """What becomes of the requests."""
        images = self.draw(model, self.test, seed=0, what=model.title)
        obeyed = metrics.control(self.classifier.read(images), self.asked(self.test), self.names)["f1_mean"]
        seen = self.classifier.features(images)
        return {
            "control": obeyed / self.ceiling,
            "frechet_ratio": fidelity.frechet(seen, self.real) / self.likest,
            "coverage": fidelity.coverage(self.real, seen),
            "milliseconds": milliseconds(model),
        }


def edited(trained: Flow, scene: Scene, people: int) -> dict:
    """Given pictures, drawn again from their noise, and with each attribute switched; beside the truth."""
    rows = switched(scene.faces, people)
    given, attributes = scene.pictures[rows], scene.table[rows]
    noise = trained.encode(given, {"attributes": attributes}, STEPS_BACK)
    back = metrics.psnr(trained.decode(noise, {"attributes": attributes}, STEPS_BACK), given)
    back = np.minimum(back, EQUAL)
    requests = flips(attributes, scene.names)
    known = in_distribution(requests, scene.table[scene.train])
    found = {"people": len(rows), "steps": STEPS_BACK, "psnr_mean": mean(back), "psnr_min": float(back.min())}
    guided = trained.exported(**GUIDED)
    ways = {
        "": lambda asked: trained.decode(noise, {"attributes": asked}, STEPS_BACK),
        "_guided": lambda asked: guided.draw({"attributes": asked, "noise": noise}),
    }
    for end, draw in ways.items():
        drawn = np.stack([draw(asked) for asked in requests])
        found |= _effects(drawn, scene, requests, known, end)
    if ground_truth.known(scene.faces):
        truth = ground_truth.true_flips(scene.faces.select(rows), given.shape[1], progress=False)
        found |= _effects(truth, scene, requests, known, "_truth")
    return found


def _effects(pictures: np.ndarray, scene: Scene, requests: np.ndarray, known: np.ndarray, end: str) -> dict:
    rows = toggle_effects(read_all(scene.classifier, pictures), requests, scene.names, known).values()
    return {f"{key}{end}": mean([row[key] for row in rows]) for key in ("flipped", "others")}


def main() -> None:
    chosen = options()
    trained = zoo.load(chosen.model)
    scene = Scene(read(chosen.data), trained.image_shape[0], chosen.count)
    found, rows = {"machine": metrics.machine(), "requests": len(scene.test), "ceiling": scene.ceiling}, {}
    for table, ways in (("steps", STEPS), ("guidance", GUIDANCE)):
        for way in ways:
            rows[way] = rows.get(way) or scene.row(trained, *way)
            logger.info(f"{table}: {rows[way]}")
        found[table] = [rows[way] for way in ways]
    found["beside"] = {"model": chosen.beside, **scene.measured(zoo.load(chosen.beside))}
    logger.info(f"beside: {found['beside']}")
    found["edited"] = edited(trained, scene, chosen.people)
    logger.info(f"edited: {found['edited']}")
    path = chosen.output or zoo.find(chosen.model) / "flow.json"
    files.write_text(path, json.dumps(_rounded(found), indent=1) + "\n")


def _rounded(value):
    """JSON with as many digits as anybody reads."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
