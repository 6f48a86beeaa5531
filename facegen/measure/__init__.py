"""Measures: each a number that stands beside its baseline."""

from facegen.measure.likeness import (
    blurred,
    coverage,
    fidelity,
    frechet,
    kernel_distance,
    nearest,
    shuffled,
    squared_distances,
)
from facegen.measure.pictures import distance, mean_of_same, psnr, similarity, spread, ssim, unlike_a_fade
from facegen.measure.reports import machine, report
from facegen.measure.steering import (
    balanced_accuracy,
    change_maps,
    control,
    effects,
    f1,
    flip,
    flips,
    noise_shift,
    plausible,
    toggle,
    toggle_map,
    toggle_shift,
)
from facegen.measure.tables import as_json, as_text

__all__ = [
    "as_json",
    "as_text",
    "balanced_accuracy",
    "blurred",
    "change_maps",
    "control",
    "coverage",
    "distance",
    "effects",
    "f1",
    "fidelity",
    "flip",
    "flips",
    "frechet",
    "kernel_distance",
    "machine",
    "mean_of_same",
    "nearest",
    "noise_shift",
    "plausible",
    "psnr",
    "report",
    "shuffled",
    "similarity",
    "spread",
    "squared_distances",
    "ssim",
    "toggle",
    "toggle_map",
    "toggle_shift",
    "unlike_a_fade",
]
