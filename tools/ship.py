"""Put the deconvolution network that notebook 4 has trained into models/, measured, with its card.

python tools/ship.py            # after `make course` or `make notebooks`
"""

import csv
import os
import platform
from pathlib import Path

import numpy as np

from facegen import bundle, course, measure
from facegen.pixels import pixels

ROOT = Path(__file__).resolve().parent.parent
CARD = """# clay-deconv

The deconvolution network of notebook 4: identity, emotion and orientation in, a face out, {height} x {width}
pixels. `facegen.bundle.load("models/clay-deconv")` gives it back; notebook 5 takes it where you have trained
none yourself.

| | |
|---|---|
| data | {data} |
| made by | {made_by} |
| trained for | {epochs} epochs, {minutes} minutes |
| machine | {machine} |
| PSNR of held-out pictures | {psnr} dB |
| the same for the mean of the same person from the same side | {psnr_same_view} dB |
| the same for the mean of all training pictures | {psnr_mean} dB |
| cosine of drawn and true change by the emotion, held out | {emotion_cosine} (0 for either mean) |

Clay people do not exist. The network must not be used to say anything about real ones: it knows {people} toy
people, five camera angles 45 degrees apart, and eight emotions as the course's renderer draws them.
"""


def measured(model, faces) -> dict[str, float]:
    """The measures of notebook 4 on the held-out pictures, with their baselines."""
    pictures, train, test = pixels(faces, model.image_shape[:2]), faces.partition == 0, faces.partition == 2
    seen, unseen = ({k: v[rows] for k, v in faces.conditions.items()} for rows in (train, test))
    learned, truth, drawn = pictures[train], pictures[test], model.draw(unseen)
    view = ["identity", "orientation"]
    same, same_drawn = (measure.mean_of_same(x, seen, unseen, view) for x in (learned, model.draw(seen)))
    return {
        "psnr": measure.psnr(drawn, truth).mean(),
        "psnr_same_view": measure.psnr(same, truth).mean(),
        "psnr_mean": measure.psnr(np.broadcast_to(learned.mean(axis=0), truth.shape), truth).mean(),
        "emotion_cosine": measure.similarity(drawn - same_drawn, truth - same).mean(),
    }


def main() -> None:
    run = course.run("deconv")
    model = bundle.load(run / "model")
    faces = course.faces("rafd").hold_out(0.1, seed=0)  # as in notebook 4
    if not course.is_clay(faces):
        raise SystemExit("Only models of clay people are shipped: data/rafd holds photographs.")
    log = list(csv.DictReader((run / "log.csv").open()))
    people = len(model.names["identity"])
    card = {
        "data": f"clay in RaFD's format: {people} people, 8 emotions, 5 angles, a tenth held out",
        "made_by": f"notebooks/04_deconv.ipynb at {course.scale()} scale, then tools/ship.py",
        "epochs": int(log[-1]["epoch"]),
        "minutes": round(float(log[-1]["seconds"]) / 60, 1),
        "machine": f"{os.cpu_count()} CPU cores, {platform.machine()}, no GPU",
        **{name: round(float(value), 2) for name, value in measured(model, faces).items()},
    }
    folder = bundle.save(model, ROOT / "models" / "clay-deconv", **card)
    height, width = model.image_shape[:2]
    text = CARD.format(height=height, width=width, people=people, **card)
    (folder / "README.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
