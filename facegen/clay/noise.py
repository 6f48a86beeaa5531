"""Labels that are sometimes wrong, as people's are."""

import numpy as np

from facegen.conditions.attributes import NAMES

# Per cent of CelebA's test faces about which a good classifier disagrees with the label: E. Rudd, M. Günther,
# T. Boult, "MOON", ECCV 2016 (9.06 on average), rounded. Some of that is the classifier's own error.
DISAGREE = dict(zip(NAMES, (
    6, 18, 18, 15, 1, 4, 29, 16, 11, 4, 4, 11, 7, 5, 4, 1, 3, 2, 9, 13,
    2, 6, 3, 13, 4, 24, 3, 24, 6, 5, 2, 7, 18, 18, 10, 1, 6, 13, 3, 12,
), strict=True))  # fmt: skip
MOST = 0.15  # more would be no label at all for some attributes


def rates(share: float) -> np.ndarray:
    """The chance, float64 (40), that each label is flipped, `share` on average; at most a half.

    Example:
        >>> flipped = rates(0.08)
        >>> float(flipped.mean().round(2)), bool(flipped[NAMES.index("Big_Lips")] > 0.2)
        (0.08, True)
    """
    relative = np.array([*DISAGREE.values()], float)
    return np.minimum(share * relative / relative.mean(), 0.5)


def noisy(values: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Attributes, bool (n, 40), with about a share of them flipped; row i depends on (seed, i) alone."""
    chances = [np.random.default_rng([seed, 9, i]).random(len(NAMES)) for i in range(len(values))]
    return values ^ (np.array(chances) < rates(share))
