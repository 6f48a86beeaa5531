"""All measures of a deconvolution network: how near its pictures are to the truth, beside easy guesses."""

import numpy as np

from facegen.conditions.base import angles
from facegen.data.dataset import FaceSet
from facegen.data.pixels import load_pixels
from facegen.metrics.detail import ssim
from facegen.metrics.image_quality import mean_of_same, psnr, similarity
from facegen.metrics.interpolation import measurable, midpoint_report, midpoints
from facegen.metrics.recognition import READ, readable, recognition_report
from facegen.metrics.turning import turn_report, turnable, turned
from facegen.models.deconv import Deconv
from facegen.utils.errors import FacegenError


def deconv_report(model: Deconv, faces: FaceSet, progress: bool = True) -> dict:
    """Measure a deconvolution network; docs/measures.md tells what each number means.

    Args:
        model: to be measured.
        faces: the set that it learned from, with train and test faces.
        progress: show progress bars.

    Returns:
        {"pictures": {guess: {"psnr", "ssim"}}, "change": {condition: {"cosine", "columns"}}, "counts"}; of a
        set with emotions also "recognition", see `recognition_report`; of clay "between" and "turn", see
        `midpoint_report` and `turn_report`.

    Raises:
        FacegenError: a model of another set, a set without test faces.
    """
    if model.names != {name: list(columns) for name, columns in faces.names.items()}:
        widths = [
            ", ".join(f"{k} ({len(v)})" for k, v in names.items()) for names in (model.names, faces.names)
        ]
        raise FacegenError(
            f"{faces.root} is not the set the model learned from: expected {widths[0]}; found {widths[1]}."
        )
    shown = load_pixels(faces, model.image_shape[:2], progress=progress)
    train, test = (np.flatnonzero(faces.partition == faces_of) for faces_of in (0, 2))
    if not len(test) or not len(train):
        raise FacegenError(f"{faces!r}: expected train and test faces; hold_out(fraction, seed) makes some.")
    learned, truth = shown[train], shown[test]
    seen, unseen = ({name: rows[part] for name, rows in faces.conditions.items()} for part in (train, test))
    drawn, drawn_seen = model.draw(unseen), model.draw(seen)
    guesses = {
        "drawn": drawn,
        "mean": np.broadcast_to(learned.mean(axis=0), truth.shape),
    }
    changes = {}
    for name in faces.names:
        others = [other for other in faces.names if other != name]
        if others:
            same, same_drawn = (mean_of_same(x, seen, unseen, others) for x in (learned, drawn_seen))
            guesses[f"same_but_{name}"] = same
            cosines = similarity(drawn - same_drawn, truth - same)
            changes[name] = {
                "cosine": float(cosines.mean()),
                "columns": _by_column(faces, name, test, cosines),
            }
    return {
        "counts": {"train": len(train), "held_out": len(test)},
        "pictures": {
            **{name: _near(guess, truth) for name, guess in guesses.items()},
            "learned": _near(drawn_seen, learned),
        },
        "change": changes,
        **_recognition(faces, unseen, truth, guesses, changes, progress),
        **_between(model, faces, progress),
        **_turn(model, faces, progress),
    }


def _recognition(faces, asked, truth, guesses, changes, progress: bool) -> dict:
    floor = guesses.get(f"same_but_{READ}")  # what all emotions have in common shows none
    if not readable(faces) or floor is None:
        return {}
    pictures = {"drawn": guesses["drawn"], "ceiling": truth, "floor": np.round(floor).astype("uint8")}
    return {
        "recognition": recognition_report(faces, asked[READ], pictures, changes[READ]["columns"], progress)
    }


def _between(model: Deconv, faces: FaceSet, progress: bool) -> dict:
    known = measurable(model, faces)
    return {"between": midpoint_report(midpoints(model, faces, progress=progress))} if known else {}


def _turn(model: Deconv, faces: FaceSet, progress: bool) -> dict:
    known = turnable(model, faces)
    return {"turn": turn_report(turned(model, faces, progress=progress))} if known else {}


def _near(guess: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    return {"psnr": float(psnr(guess, truth).mean()), "ssim": float(ssim(guess, truth).mean())}


def _by_column(faces: FaceSet, name: str, rows: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """Mean value of the rows in which each column of a condition is on; columns that never are left out."""
    columns, on = faces.names[name], faces.conditions[name][rows] == 1
    if angles(columns):
        return {}  # sines and cosines are not switched on
    return {column: float(values[on[:, i]].mean()) for i, column in enumerate(columns) if on[:, i].any()}
