"""How well `facegen.invert` reads pictures: who, which emotion, from which angle, and how long it takes.

    python benchmarks/inversion.py clay-deconv                     # the model's own pictures
    python benchmarks/inversion.py clay-deconv data/clay-rafd      # those of a face set that it learned from

A model's own pictures are of random triples of a person, an emotion and any angle between the profiles; of a
face set, pictures are taken at random, cropped as for a training. For a model of identity, emotion and
orientation; it is found what has most weight, and an angle within five degrees. One process; seconds are
those of the clock, and of the processor in all threads, without the first picture, which compiles.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import facegen
from facegen import metrics
from facegen.conditions import direction
from facegen.data.pixels import resized
from facegen.models.base import FaceModel
from facegen.utils import files

NEAR = 5.0  # degrees
Case = tuple[np.ndarray, dict[str, np.ndarray]]  # a picture, and the rows (columns,) that it shows


def options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("model", help="a trained model's folder or name")
    add("data", nargs="?", help="a face set of the people that it knows")
    add("--count", type=int, default=40, help="of pictures (default: 40)")
    add("--seed", type=int, default=0)
    add("-o", "--output", type=Path, default=Path("build/inversion.json"))
    return parser.parse_args()


def own(model: FaceModel, count: int, random: np.random.Generator) -> Iterator[Case]:
    """Pictures that the model draws: one person, one emotion, any angle between the profiles."""
    for _ in range(count):
        who, mood = (np.eye(len(model.names[name]))[random.integers(len(model.names[name]))]
                     for name in ("identity", "emotion"))  # fmt: skip
        rows = {"identity": who, "emotion": mood, "orientation": direction(random.uniform(-90, 90))}
        yield model.draw({name: row[None] for name, row in rows.items()})[0], rows


def of_set(model: FaceModel, data: str, count: int, random: np.random.Generator) -> Iterator[Case]:
    """Pictures of a face set, as the model would have been trained with them."""
    faces = facegen.read(data)
    known = [i for i, name in enumerate(faces.names["identity"]) if name in model.names["identity"]]
    rows = np.flatnonzero(faces.conditions["identity"][:, known].any(axis=1))
    columns = [model.names["identity"].index(faces.names["identity"][i]) for i in known]
    for row in random.choice(rows, min(count, len(rows)), replace=False):
        truth = {name: values[row] for name, values in faces.conditions.items()}
        who = np.zeros(len(model.names["identity"]), "float32")
        who[columns] = truth["identity"][known]
        yield resized(faces, row, model.image_shape[:2]), {**truth, "identity": who}


def degrees(row: np.ndarray) -> float:
    return float(np.degrees(np.arctan2(*row)))


def read(model: FaceModel, case: Case, seed: int) -> dict:
    """What was found for one picture, and how long it took."""
    picture, truth = case
    start, processor = time.perf_counter(), time.process_time()
    found = facegen.invert(model, picture, seed, progress=False)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    rows = {name: row[0] for name, row in found.inputs.items()}
    away = abs((degrees(rows["orientation"]) - degrees(truth["orientation"]) + 180) % 360 - 180)
    return {
        "identity": bool(rows["identity"].argmax() == truth["identity"].argmax()),
        "emotion": bool(rows["emotion"].argmax() == truth["emotion"].argmax()),
        "degrees away": away,
        "psnr": min(found.psnr, 99.0),
        "seconds": seconds,
        "processor": processor,
    }


def summary(cases: list[dict]) -> dict[str, float]:
    """Shares in percent, medians of all else; the first case compiles, and its time does not count."""
    share = {name: 100 * float(np.mean([case[name] for case in cases])) for name in ("identity", "emotion")}
    near = 100 * float(np.mean([case["degrees away"] <= NEAR for case in cases]))
    timed = cases[1:] or cases
    return {
        f"angle within {NEAR:.0f} degrees, %": near,
        **{f"{name} top-1, %": value for name, value in share.items()},
        "degrees away": float(np.median([case["degrees away"] for case in cases])),
        "psnr": float(np.median([case["psnr"] for case in cases])),
        "seconds": float(np.median([case["seconds"] for case in timed])),
        "processor seconds": float(np.median([case["processor"] for case in timed])),
    }


def main() -> None:
    chosen = options()
    model, random = facegen.load(chosen.model), np.random.default_rng(chosen.seed)
    made = own(model, chosen.count, random)
    made = of_set(model, chosen.data, chosen.count, random) if chosen.data else made
    cases = []
    for case in made:
        cases.append(read(model, case, chosen.seed))
        print(f"{len(cases):3}  {summary(cases)}", flush=True)
        command = " ".join(["python benchmarks/inversion.py", *sys.argv[1:]])
        written = {"command": command, "machine": metrics.machine(), **summary(cases), "cases": cases}
        files.write_text(chosen.output, json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
