"""What the measures see, as pictures: where toggles change faces, and whom a drawn face resembles most."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from facegen.data.dataset import FaceSet
from facegen.data.pixels import load_pixels
from facegen.metrics import ground_truth
from facegen.metrics.classifier import attribute_classifier
from facegen.metrics.controllability import as_picture, change_maps, flips, in_distribution
from facegen.metrics.fidelity import nearest_neighbours
from facegen.metrics.gan_report import check, rows_of, switched
from facegen.models.gan import GAN
from facegen.viz import plots


def region_sheet(
    model: GAN, faces: FaceSet, names: Sequence[str], people: int = 64, seed: int = 0, progress: bool = True
) -> Image.Image:
    """Somebody without and with each attribute, and where it changes pictures: drawn, and for clay in truth.

    All maps of changes have one scale: white is the largest mean change on the sheet.

    Args:
        model: reads the attributes of `faces`.
        faces: the set that it learned from.
        names: of the attributes to show, one a column.
        people: over whom the changes are averaged; as many as were measured take no new drawing of the truth.
        seed: of the noise.
        progress: show a progress bar while the truth is drawn.

    Example:
        >>> model = GAN(faces.names, size=16, width=2, discriminator_width=2)
        >>> sheet = region_sheet(model, faces, ["Smiling", "Bald"], people=2, progress=False)
        >>> sheet.height  # the names, then three rows of 96 pixels: without, with, changes
        307
    """
    check(model, faces, model.image_shape)
    every, table = list(faces.names["attributes"]), faces.conditions["attributes"]
    rows, chosen = switched(faces, people), [every.index(name) for name in names]
    requests, taken = flips(table[rows], every), [0, *(1 + column for column in chosen)]
    known = in_distribution(requests, table[faces.partition == 0])[chosen]
    noise = model.sample_noise(len(rows), seed)
    sets = {"drawn": np.stack([model.draw({"attributes": x, "noise": noise}) for x in requests[taken]])}
    if ground_truth.known(faces):
        side = model.image_shape[0]
        sets["true"] = ground_truth.true_flips(faces.select(rows), side, progress=progress)[taken]
    off = requests[0][:, chosen].T < 0.5
    people_shown = [int(np.argmax(known[i] + 1.0 * (known[i] & off[i]))) for i in range(len(chosen))]
    maps = {kind: change_maps(pictures, known) for kind, pictures in sets.items()}
    white = float(np.nanmax([*maps.values(), np.zeros_like(maps["drawn"])]))  # of all maps alike
    panels, left = [], []
    for kind, pictures in sets.items():
        pairs = [(pictures[0][k], pictures[1 + i][k]) for i, k in enumerate(people_shown)]
        pairs = [
            pair if off[i][k] else pair[::-1]
            for i, (pair, k) in enumerate(zip(pairs, people_shown, strict=True))
        ]
        changes = [np.repeat(as_picture(x, white), 3, axis=2) for x in maps[kind]]
        panels += [*(pair[0] for pair in pairs), *(pair[1] for pair in pairs), *changes]
        left += [f"{kind}, without", "with", "changes"]
    return plots.contact_sheet(np.stack(panels), left=left, top=[name.replace("_", " ") for name in names])


def neighbour_sheet(
    model: GAN, faces: FaceSet, count: int = 8, seed: int = 0, progress: bool = True
) -> Image.Image:
    """Drawn pictures above the training pictures nearest to them, so that what was learned by heart is seen.

    Below, the same of real pictures that were held out: so near comes who was never seen.

    Args:
        model: reads the attributes of `faces`.
        faces: the set that it learned from.
        count: of drawn and of real pictures.
        seed: of the noise.
        progress: show progress bars.

    Example:
        >>> model = GAN(faces.names, size=16, width=2, discriminator_width=2)
        >>> sheet = neighbour_sheet(model, faces, count=2, progress=False)
        >>> sheet.height  # six rows of 96 pixels, 2 between them
        586
    """
    check(model, faces, model.image_shape)
    side = model.image_shape[0]
    reader = attribute_classifier(faces, side, progress=progress)
    rows = rows_of(faces, 2, count)
    learned = load_pixels(faces.part("train"), side, progress=progress)
    features = reader.features(learned)
    inputs = {
        "attributes": faces.conditions["attributes"][rows],
        "noise": model.sample_noise(len(rows), seed),
    }
    panels = []
    for images in (model.draw(inputs), load_pixels(faces, side, progress=progress)[rows]):
        alike = (
            nearest_neighbours(reader.features(images), features)[0],
            nearest_neighbours(images, learned)[0],
        )
        panels += [images, *(learned[found] for found in alike)]
    words = ["nearest, by the classifier", "nearest, by pixels"]
    return plots.contact_sheet(
        np.concatenate(panels), columns=len(rows), left=["drawn", *words, "real, held out", *words]
    )


def control_chart(report: Mapping):
    """F1 of every attribute beside its ceiling and floor, best first; of `report`.

    Example:
        >>> bald, young = ({"f1": f1, "ceiling": 0.95, "floor": 0.4} for f1 in (0.6, 0.9))
        >>> scores = {"Bald": bald, "Young": young}
        >>> chart = control_chart({"control": {"floor": "shuffled requests", "attributes": scores}})
        >>> [float(f1) for f1 in chart.axes[0].lines[1].get_xdata()]
        [0.9, 0.6]
    """
    rows = report["control"]["attributes"]
    series = {"real pictures (ceiling)": "ceiling", "drawn": "f1", "floor": "floor"}
    points = {
        name.replace("_", " "): {
            words: np.nan if row[key] is None else row[key] for words, key in series.items()
        }
        for name, row in sorted(rows.items(), key=lambda item: -(item[1]["f1"] or 0))
    }
    return plots.dots(points, f"F1 of what the classifier reads (floor: {report['control']['floor']})")
