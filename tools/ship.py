"""Put a trained model into models/, measured, with its card.

python tools/ship.py clay-deconv                # trained by tools/train_deconv.py
python tools/ship.py clay-gan                   # trained by tools/train_gan.py, as is its twin
python tools/ship.py clay-gan-unconditional
python tools/ship.py clay-flow                  # trained by tools/train_flow.py
"""

import argparse
import csv
import json
from pathlib import Path

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

DECONV = """# clay-deconv

The deconvolution network of notebook 4, trained for longer, with more people and more pixels: identity,
emotion and orientation in, a face out, {height} x {width} pixels. `facegen.load("clay-deconv")` gives it
back; notebook 5 takes it where you have trained none yourself.

| | |
|---|---|
| data | {data}; the renderer's look {clay} |
| made by | {made_by} |
| trained for | {epochs} epochs, {minutes} minutes |
| machine | {machine} |
| weights | {weights:,}, kernels in half precision |

```
{measures}
```

All numbers are in `measures.json`; [docs/measures.md](../../docs/measures.md) tells what they mean.

`recipes.json` is another measurement: the original's recipe and today's, a network of each trained for the
same time ({recipes}; `benchmarks/recipes.py`).

Clay people do not exist. The network must not be used to say anything about real ones: it knows {people} toy
people, five camera angles 45 degrees apart, and eight emotions as the course's renderer draws them.
"""

GAN = """# {name}

{what} 64 x 64 pixels. `facegen.load("{name}")` gives it back; notebooks 3 and 8 use it.

| | |
|---|---|
| data | {data}; the renderer's look {clay} |
| made by | {made_by} |
| trained for | {epochs} epochs, {steps} steps, {minutes} minutes |
| machine | {machine}, one of the cores |
| weights | {weights}, kernels in half precision |

```
{measures}
```

All numbers are in `measures.json`; [docs/measures.md](../../docs/measures.md) tells what they mean.

Clay people do not exist. The network must not be used to say anything about real ones: what it calls
attractive, young or male is how the course's renderer draws these words, and nothing else.
"""
FLOW = """# clay-flow

The flow of notebook 9: 40 attributes and a picture of noise in, a face out, 64 x 64 pixels, in {evaluations}
evaluations of the network ({steps} steps of two, for what is asked and for what is not).
`facegen.load("clay-flow")` gives it back.

| | |
|---|---|
| data | {data}; the renderer's look {clay} |
| made by | {made_by} |
| trained for | {epochs} epochs, {trained} steps, {minutes} minutes |
| machine | {machine}, one of the cores, shared |
| weights | {weights:,}, kernels in half precision |

```
{measures}
```

All numbers are in `measures.json`; [docs/measures.md](../../docs/measures.md) tells what they mean. What
fewer or more steps and other guidance change, and how well given pictures are edited, is in `flow.json`
(`benchmarks/flow.py`; [docs/flow.md](../../docs/flow.md)).

Clay people do not exist. The network must not be used to say anything about real ones: what it calls
attractive, young or male is how the course's renderer draws these words, and nothing else.
"""
WHAT = {
    "clay-gan": "The attribute GAN of notebook 3: 40 attributes and 64 numbers of noise in, a face out,",
    "clay-gan-unconditional": "The twin of `clay-gan`, whose discriminator never saw an attribute: 40 of\n"
    "them, which it does not heed, and 64 numbers of noise in, a face out,",
}


def last_row(run: Path) -> dict:
    """The end of a training's log."""
    return list(csv.DictReader((run / "log.csv").open()))[-1]


def ship_deconv() -> str:
    """Measure and write clay-deconv; return its card."""
    faces, run = train_deconv.faces(), train_deconv.FOLDER
    model, row = saving.load(run / "model"), last_row(run)
    people = len(model.names["identity"])
    height, width = model.image_shape[:2]
    about = {
        "data": f"clay in RaFD's format: {people} people, 8 emotions, 5 angles, a tenth held out",
        "clay": writer.read_note(faces.root)["fixed"]["look"],
        "made_by": "tools/train_deconv.py --precision bfloat16, then tools/ship.py clay-deconv",
        "epochs": int(row["epoch"]),
        "minutes": round(float(row["seconds"]) / 60, 1),
        "machine": metrics.machine(),
    }
    race = (RACE / "scores.json").read_text()
    files.write_text(MODELS / "clay-deconv" / "recipes.json", race)
    words = {"height": height, "width": width, "people": people, "recipes": json.loads(race)["about"]}
    words["weights"] = model.generator.count_params()
    return write(model, "clay-deconv", about, metrics.report(model, faces), DECONV, "float16", **words)


def ship_gan(name: str) -> str:
    """Measure and write one of the two GANs; return its card."""
    faces, folder = train_gan.clay(), train_gan.folder(name)
    model, row = saving.load(folder / "model").exported(), last_row(folder)
    twin = train_gan.folder("clay-gan-unconditional") / "model"
    floor = saving.load(twin).exported() if name == "clay-gan" else None
    learned = len(faces.part("train"))
    about = {
        "data": f"clay in CelebA's format: {len(faces):,} people, {learned:,} of them learned",
        "clay": writer.read_note(faces.root)["fixed"]["look"],
        "made_by": f"tools/train_gan.py {name}, then tools/ship.py {name}",
        "epochs": int(row["epoch"]),
        "steps": int(float(model.steps)),
        "minutes": round(float(row["seconds"]) / 60, 1),
        "machine": metrics.machine(),
    }
    report = metrics.report(model, faces, floor)
    players = (model.generator, model.discriminator)
    weights = "generator {:,}, discriminator {:,}".format(*(player.count_params() for player in players))
    return write(model, name, about, report, GAN, "float16", what=WHAT[name], weights=weights)


def ship_flow() -> str:
    """Measure and write clay-flow; return its card."""
    faces, run = train_flow.clay(), train_flow.folder()
    model, row = saving.load(run / "model").exported(), last_row(run)
    learned = len(faces.part("train"))
    about = {
        "data": f"clay in CelebA's format: {len(faces):,} people, {learned:,} of them learned",
        "clay": writer.read_note(faces.root)["fixed"]["look"],
        "made_by": "tools/train_flow.py, then tools/ship.py clay-flow",
        "epochs": int(row["epoch"]),
        "trained": int(float(model.done)),
        "minutes": round(float(row["seconds"]) / 60, 1),
        "machine": metrics.machine(),
    }
    words = {"steps": model.settings["steps"], "evaluations": model.evaluations}
    words["weights"] = model.network.count_params()
    return write(model, "clay-flow", about, metrics.report(model, faces), FLOW, "float16", **words)


def write(model, name: str, about: dict, report: dict, card: str, dtype: str = "float32", **words) -> str:
    """Write the bundle, its measures and its card."""
    folder = saving.save(model, MODELS / name, dtype, **about)
    files.write_text(folder / "measures.json", metrics.as_json(report))
    text = card.format(name=name, measures=metrics.as_text(report).strip(), **about, **words)
    files.write_text(folder / "README.md", text)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", choices=["clay-deconv", "clay-flow", *train_gan.CONDITIONINGS])
    name = parser.parse_args().name
    own = {"clay-deconv": ship_deconv, "clay-flow": ship_flow}
    print(own[name]() if name in own else ship_gan(name))


if __name__ == "__main__":
    main()
