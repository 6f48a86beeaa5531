"""Measures: each a number that stands beside its baseline.

Does the model obey (`controllability`)? Are its pictures like true ones (`fidelity`, `image_quality`,
`detail`)? Is what it draws between two requests between them (`interpolation`, `turning`)? What would be
right (`ground_truth`, of clay)? Who reads the pictures (`classifier`), and what do they see in them
(`recognition`)? `report` measures all that fits a model.
"""

from facegen.utils import lazy

__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "as_json": "formatting",
        "as_text": "formatting",
        "asymmetry": "fidelity",
        "attribute_classifier": "classifier",
        "change_maps": "controllability",
        "confusion_matrix": "recognition",
        "control": "controllability",
        "control_chart": "sheets",
        "cross_fade": "image_quality",
        "difference_from_crossfade": "image_quality",
        "difficulty_table": "formatting",
        "distance": "image_quality",
        "diversity": "image_quality",
        "fidelity_report": "fidelity",
        "flips": "controllability",
        "in_distribution": "controllability",
        "machine": "reports",
        "mean_of_same": "image_quality",
        "midpoint_report": "interpolation",
        "midpoints": "interpolation",
        "nearest_neighbours": "fidelity",
        "neighbour_sheet": "sheets",
        "noise_shift": "controllability",
        "psnr": "image_quality",
        "recognition_report": "recognition",
        "region_sheet": "sheets",
        "report": "reports",
        "sharpness": "detail",
        "similarity": "image_quality",
        "ssim": "detail",
        "toggle_map": "controllability",
        "toggle_pairs": "controllability",
        "toggle_shift": "controllability",
        "turn_report": "turning",
        "turned": "turning",
        "write_pictures": "reports",
    },
)
