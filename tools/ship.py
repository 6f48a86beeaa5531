"""Put a trained model into models/, measured, with its card.

python tools/ship.py clay-deconv                # trained by tools/train_deconv.py
python tools/ship.py clay-gan                   # trained by tools/train_gan.py, as is its twin
python tools/ship.py clay-gan-unconditional
python tools/ship.py clay-flow                  # trained by tools/train_flow.py
python tools/ship.py --cards                    # all cards anew, from what the folders say
"""

import argparse
import csv
import json
from pathlib import Path

import cards
import train_deconv
import train_flow
import train_gan

from facegen import course, metrics
from facegen.clay import writer
from facegen.models import saving
from facegen.utils import files

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "models"
RACE = course.build() / "recipes"  # of benchmarks/recipes.py
KERNELS = {"clay-deconv": "float16"}  # all others in 8 bits, which would show in its fine contours
SAMPLER = {"method": "euler", "steps": 6, "guidance": 2.0}  # of clay-flow: see models/clay-flow/flow.json
EFFORT = {"count": 1000, "people": 32, "seeds": 1}  # to measure a flow, which draws slowly


def last_row(run: Path) -> dict:
    """The end of a training's log."""
    return list(csv.DictReader((run / "log.csv").open()))[-1]


def began_with(run: Path) -> dict:
    """The card of what a training began with; {} for one from the start."""
    began = run / train_gan.BEGAN
    return json.loads(began.read_text()) if began.is_file() else {}


def rounded(model, name: str, run: Path):
    """The model as it will be shipped, rounded: that is what is measured."""
    return saving.load(saving.save(model, run / "rounded", KERNELS.get(name, "int8")))


def ship_deconv() -> str:
    """Measure and write clay-deconv; return its card."""
    faces, run = train_deconv.faces(), train_deconv.FOLDER
    model, row = rounded(saving.load(run / "model"), "clay-deconv", run), last_row(run)
    people = len(model.names["identity"])
    about = {
        "data": f"clay in RaFD's format: {people} people, 8 emotions, 5 angles, a tenth held out",
        "clay": writer.read_note(faces.root)["fixed"]["look"],
        "made_by": "tools/train_deconv.py --precision bfloat16, then tools/ship.py clay-deconv",
        "epochs": int(row["epoch"]),
        "minutes": round(float(row["seconds"]) / 60, 1),
        "machine": metrics.machine(),
    }
    files.write_text(MODELS / "clay-deconv" / "recipes.json", (RACE / "scores.json").read_text())
    return write(model, "clay-deconv", about, metrics.report(model, faces))


def ship_gan(name: str) -> str:
    """Measure and write one of the two GANs; return its card."""
    faces, folder = train_gan.clay(), train_gan.folder(name)
    model, row = rounded(saving.load(folder / "model").exported(), name, folder), last_row(folder)
    floor = saving.load(MODELS / "clay-gan-unconditional") if name == "clay-gan" else None
    learned = len(faces.part("train"))
    before = began_with(folder)
    more = f" --start models/{name} --precision bfloat16" if before else ""
    about = {
        "data": f"clay in CelebA's format: {len(faces):,} pictures, {learned:,} of them learned",
        "clay": writer.read_note(faces.root)["fixed"]["look"],
        "made_by": f"tools/train_gan.py {name}{more}, then tools/ship.py {name}",
        "epochs": int(row["epoch"]),
        "steps": int(float(model.steps)) - before.get("steps", 0),
        "minutes": round(float(row["seconds"]) / 60, 1),
        "machine": metrics.machine(),
        **({"began_with": before} if before else {}),
    }
    report = metrics.report(model, faces, floor)
    return write(model, name, about, report)


def ship_flow() -> str:
    """Measure and write clay-flow; return its card."""
    faces, run = train_gan.clay(), train_flow.folder()
    model, row = rounded(saving.load(run / "model").exported(**SAMPLER), "clay-flow", run), last_row(run)
    learned, before = len(faces.part("train")), began_with(run)
    more = " --start models/clay-flow" if before else ""
    about = {
        "data": f"clay in CelebA's format: {len(faces):,} pictures, {learned:,} of them learned",
        "clay": writer.read_note(faces.root)["fixed"]["look"],
        "made_by": f"tools/train_flow.py{more}, then tools/ship.py clay-flow",
        "epochs": int(row["epoch"]),
        "steps": int(float(model.done)) - before.get("steps", 0),
        "minutes": round(float(row["seconds"]) / 60, 1),
        "machine": metrics.machine(),
        **({"began_with": before} if before else {}),
    }
    return write(model, "clay-flow", about, metrics.report(model, faces, **EFFORT))


def write(model, name: str, about: dict, report: dict) -> str:
    """Write the bundle, its measures and its card."""
    kernels = KERNELS.get(name, "int8")
    folder = saving.save(model, MODELS / name, kernels, **about, kernels=kernels)
    files.write_text(folder / "measures.json", metrics.as_json(report))
    return cards.write(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", choices=["clay-deconv", "clay-flow", *train_gan.CONDITIONINGS])
    what.add_argument("--cards", action="store_true", help="write the cards anew")
    options = parser.parse_args()
    if options.cards:
        for path in sorted(MODELS.glob("*/model.json")):
            cards.write(path.parent)
    else:
        own = {"clay-deconv": ship_deconv, "clay-flow": ship_flow}
        print(own[options.name]() if options.name in own else ship_gan(options.name))


if __name__ == "__main__":
    main()
