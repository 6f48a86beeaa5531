"""Measures: each a number that stands beside its baseline."""

from facegen.detail import ssim
from facegen.measure.between import between, between_report
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
from facegen.measure.pictures import (
    cross_fade,
    distance,
    mean_of_same,
    psnr,
    similarity,
    spread,
    unlike_a_fade,
)
from facegen.measure.reports import machine, report, write_pictures
from facegen.measure.steering import (
    balanced_accuracy,
    change_maps,
    control,
    effects,
    f1,
    flip,
    flips,
    noise_shift,
    off_and_on,
    plausible,
    toggle,
    toggle_map,
    toggle_shift,
)
from facegen.measure.tables import as_json, as_text, hard_table
from facegen.measure.views import control_chart, neighbour_sheet, region_sheet

__all__ = [
    "as_json",
    "as_text",
    "balanced_accuracy",
    "between",
    "between_report",
    "blurred",
    "change_maps",
    "control",
    "control_chart",
    "coverage",
    "cross_fade",
    "distance",
    "effects",
    "f1",
    "fidelity",
    "flip",
    "flips",
    "frechet",
    "hard_table",
    "kernel_distance",
    "machine",
    "mean_of_same",
    "nearest",
    "neighbour_sheet",
    "noise_shift",
    "off_and_on",
    "plausible",
    "psnr",
    "region_sheet",
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
    "write_pictures",
]
