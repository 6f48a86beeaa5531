"""All measures of an attribute GAN: control, toggles, fidelity, neighbours, beside their baselines."""

from collections.abc import Mapping

import numpy as np

from facegen.data.dataset import FaceSet
from facegen.data.pixels import load_pixels
from facegen.metrics import ground_truth
from facegen.metrics.classifier import AttributeClassifier, attribute_classifier
from facegen.metrics.controllability import (
    change_maps,
    control,
    drawn_flips,
    flips,
    in_distribution,
    mean,
    ratio,
    read_all,
    toggle_effects,
)
from facegen.metrics.fidelity import fidelity_report, nearest_neighbours
from facegen.models.gan import GAN
from facegen.utils.arrays import evenly
from facegen.utils.errors import FacegenError
from facegen.utils.progress import bar

VISIBLE = 0.7  # F1 on real pictures, from which on the classifier is said to see an attribute
SHUFFLES = 10  # of the requests, where no floor model is given
EXAMPLES = 256  # pictures whose nearest neighbours are looked for


class Evaluation:
    """What the measures of one model have in common.

    Attributes:
        faces: the whole set.
        pictures: of all its faces, uint8 (n, size, size, 3).
        classifier: of the set.
        train, test, held: row numbers; held are validation and test.
    """

    def __init__(self, faces: FaceSet, size: int, count: int, progress: bool):
        missing = [part for i, part in enumerate(("train", "validation", "test")) if i not in faces.partition]
        if missing:
            raise FacegenError(
                f"{faces!r} has no {missing[0]} faces: the classifier learns from train, its "
                "thresholds are chosen on validation, and measured is on test."
            )
        self.faces, self.progress = faces, progress
        self.names = list(faces.names["attributes"])
        self.table = faces.conditions["attributes"]
        self.pictures = load_pixels(faces, size, progress=progress)
        self.classifier: AttributeClassifier = attribute_classifier(faces, size, progress=progress)
        self.train = np.flatnonzero(faces.partition == 0)
        self.test = rows_of(faces, 2, count)
        self.held = np.union1d(rows_of(faces, 1, count), self.test)

    def asked(self, rows: np.ndarray) -> np.ndarray:
        """The attributes of some rows, bool (n, columns)."""
        return self.table[rows] > 0.5

    def draw(self, model: GAN, rows: np.ndarray, seed: int, what: str) -> np.ndarray:
        """What a model draws when it is asked for the attributes of some rows."""
        inputs = {"attributes": self.table[rows], "noise": model.sample_noise(len(rows), seed)}
        chunks = np.array_split(np.arange(len(rows)), -(-len(rows) // 256))
        drawn = []
        with bar(len(rows), what, "img", show=self.progress) as done:
            for chunk in chunks:
                drawn.append(model.draw({name: values[chunk] for name, values in inputs.items()}))
                done.update(len(chunk))
        return np.concatenate(drawn)


def rows_of(faces: FaceSet, partition: int, most: int) -> np.ndarray:
    """At most so many row numbers of a partition, spread evenly."""
    rows = np.flatnonzero(faces.partition == partition)
    return rows[evenly(len(rows), most)]


def switched(faces: FaceSet, people: int) -> np.ndarray:
    """The test rows whose attributes are switched."""
    return rows_of(faces, 2, people)


def gan_report(
    model: GAN,
    faces: FaceSet,
    floor: GAN | None = None,
    count: int = 2000,
    people: int = 64,
    seeds: int = 3,
    splits: int = 5,
    progress: bool = True,
) -> dict:
    """Measure an attribute GAN; docs/measures.md tells what each number means.

    Args:
        model: to be measured.
        faces: the set that it learned from, with train, validation and test faces.
        floor: a model that does not heed what it is asked for, to compare with.
        count: held-out faces of each partition, at most.
        people: whose attributes are switched; of clay, the truth is drawn, too.
        seeds: how often the requests are drawn, with other noise.
        splits: see `fidelity_report`.
        progress: show progress bars.

    Returns:
        {"control", "toggle", "fidelity", "neighbours", "counts", "classifier"}; NaN where
        nothing could be measured.

    Raises:
        FacegenError: a model that reads other attributes than the set has, a set without partitions.
    """
    for other in (model, floor):
        check(other, faces, model.image_shape)
    scene = Evaluation(faces, model.image_shape[0], count, progress)
    models = {"drawn": model} | ({"floor": floor} if floor else {})
    first = {name: scene.draw(other, scene.held, 0, name) for name, other in models.items()}
    tested = np.isin(scene.held, scene.test)
    seen = {
        name: [
            scene.classifier.read(first[name][tested]),
            *(scene.classifier.read(scene.draw(other, scene.test, seed, name)) for seed in range(1, seeds)),
        ]
        for name, other in models.items()
    }
    likeness = fidelity_report(
        scene.classifier,
        real=scene.pictures[scene.held],
        people=faces.identity[scene.held],
        splits=splits,
        **first,
    )
    scores = control_of(scene, seen)
    visible = [name for name, row in scores["attributes"].items() if row["ceiling"] > VISIBLE]
    return {
        "classifier": scene.classifier.settings,
        "counts": {
            "train": len(scene.train),
            "held_out": len(scene.held),
            "requests": len(scene.test),
            "noise_seeds": seeds,
            "pictures_in_each_half": len(scene.held) // 2,
            "splits": splits,
        },
        "control": scores,
        "toggle": toggles_of(scene, models, people, visible),
        "fidelity": {
            "frechet_ratio": ratio(likeness["drawn"]["frechet"], likeness["real"]["frechet"]),
            **likeness,
        },
        "neighbours": neighbours_of(scene, first["drawn"]),
    }


def check(model: GAN | None, faces: FaceSet, shape: tuple[int, int, int]) -> None:
    """Refuse a model that this set and its classifier cannot measure."""
    if model is None:
        return
    if list(model.names) != ["attributes"] or shape[2] != 3 or faces.channels != 3:
        raise FacegenError(
            "Measured are GANs that read attributes and draw in colour: this one reads "
            f"{list(model.names)} and draws {model.image_shape}; the set has {faces.channels} channels."
        )
    if model.names["attributes"] != list(faces.names.get("attributes", ())):
        raise FacegenError(f"{faces.root} has other attributes than the model reads: it is another set.")
    if model.image_shape != shape:
        raise FacegenError(f"The floor draws {model.image_shape}, the model {shape}: expected the same size.")


def control_of(scene: Evaluation, seen: Mapping[str, list[np.ndarray]]) -> dict:
    """`control` of a model, of real pictures (the ceiling) and of what does not heed requests (the floor)."""
    wanted, names = scene.asked(scene.test), scene.names
    each = [control(one, wanted, names)["f1_mean"] for one in seen["drawn"]]
    drawn = control(np.concatenate(seen["drawn"]), np.tile(wanted, (len(each), 1)), names)
    ceiling = control(scene.classifier.read(scene.pictures[scene.test]), wanted, names)
    if "floor" in seen:
        floor = control(np.concatenate(seen["floor"]), np.tile(wanted, (len(each), 1)), names)
    else:
        random = np.random.default_rng(0)
        mixed = np.concatenate([wanted[random.permutation(len(wanted))] for _ in range(SHUFFLES)])
        floor = control(np.tile(seen["drawn"][0], (SHUFFLES, 1)), mixed, names)
    means = {}
    for name in ("f1", "balanced_accuracy"):
        for end, scores in (("", drawn), ("_ceiling", ceiling), ("_floor", floor)):
            means[f"{name}{end}_mean"] = scores[f"{name}_mean"]
    rows = {
        name: {
            "f1": drawn["attributes"][name]["f1"],
            "ceiling": ceiling["attributes"][name]["f1"],
            "floor": floor["attributes"][name]["f1"],
            "balanced_accuracy": drawn["attributes"][name]["balanced_accuracy"],
            "balanced_accuracy_ceiling": ceiling["attributes"][name]["balanced_accuracy"],
            "balanced_accuracy_floor": floor["attributes"][name]["balanced_accuracy"],
            "frequency": float(scene.table[scene.train, i].mean()),
        }
        for i, name in enumerate(names)
    }
    return {
        **means,
        "f1_spread": float(np.std(each)),
        "f1_of_ceiling": ratio(drawn["f1_mean"], ceiling["f1_mean"]),
        "under_half": [n for n, x in rows.items() if x["ceiling"] > VISIBLE and x["f1"] < x["ceiling"] / 2],
        "floor": "the other model, asked for the same" if "floor" in seen else "shuffled requests",
        "attributes": rows,
    }


def toggles_of(scene: Evaluation, models: Mapping[str, GAN], people: int, visible: list[str]) -> dict:
    """`toggle_effects` of a model, of the floor and, for clay, of the truth; and where they are."""
    rows = switched(scene.faces, people)
    requests = flips(scene.table[rows], scene.names)
    known = in_distribution(requests, scene.table[scene.train])
    found, maps = {}, {}
    for name, model in models.items():
        inputs = {"attributes": scene.table[rows], "noise": model.sample_noise(len(rows), 0)}
        drawn = drawn_flips(model, inputs, progress=scene.progress)
        found[name] = toggle_effects(read_all(scene.classifier, drawn), requests, scene.names, known)
        maps[name] = change_maps(drawn, known)
    if ground_truth.known(scene.faces):
        side = scene.pictures.shape[1]
        real = ground_truth.true_flips(scene.faces.select(rows), side, progress=scene.progress)
        found["truth"] = toggle_effects(read_all(scene.classifier, real), requests, scene.names, known)
        maps["truth"] = change_maps(real, known)
        maps["halves"] = [change_maps(real[:, i::2], known[:, i::2]) for i in (0, 1)]
    attributes = _toggle_rows(scene.names, found, visible)
    for name, row in _region_rows(scene.names, maps).items():
        attributes[name] |= row
    keys = [key for key in next(iter(attributes.values())) if key not in ("pairs", "visible")]
    seen = [attributes[name] for name in visible]
    return {
        "people": len(rows),
        **{f"{key}_mean": mean([row[key] for row in seen]) for key in keys},
        "visible": visible,
        "attributes": attributes,
    }


def _toggle_rows(names: list[str], found: Mapping[str, dict], visible: list[str]) -> dict[str, dict]:
    rows = {name: {"visible": name in visible, **found["drawn"][name]} for name in names}
    for name, row in rows.items():
        for end in ("floor", "truth"):
            if end in found:
                row |= {f"{key}_{end}": found[end][name][key] for key in ("flipped", "others")}
    return rows


def _region_rows(names: list[str], maps: Mapping[str, np.ndarray]) -> dict[str, dict]:
    """How far each toggle changes pictures, and for clay whether it changes them where it should."""
    rows = {name: {"change": float(maps["drawn"][i].mean())} for i, name in enumerate(names)}
    if "truth" in maps:
        same = ground_truth.regions(maps["drawn"], maps["truth"])
        best = ground_truth.regions(*maps["halves"])
        cover = ground_truth.area(maps["truth"])
        for i, row in enumerate(rows.values()):
            row["change_truth"] = float(maps["truth"][i].mean())
            row["area"] = float(cover[i])
            row["region"] = float(same[i, i])
            row["region_floor"] = mean(np.delete(same[i], i))
            row["region_truth"] = float(best[i, i])
    return rows


def neighbours_of(scene: Evaluation, drawn: np.ndarray) -> dict:
    """How near the nearest training picture is to drawn pictures, and to real ones that were held out."""
    taken = evenly(len(drawn), EXAMPLES)
    sets = {"drawn": drawn[taken], "real": scene.pictures[scene.held[taken]]}
    known = load_pixels(scene.faces.part("train"), scene.pictures.shape[1], progress=scene.progress)
    spaces = {"features": scene.classifier.features, "pixels": lambda pictures: pictures}
    found = {}
    for name, space in spaces.items():
        learned = space(known)
        found[name] = {key: float(nearest_neighbours(space(x), learned)[1].mean()) for key, x in sets.items()}
    return {"pictures": len(taken), **found}
