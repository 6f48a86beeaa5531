"""The 40 attributes of CelebA: their names, in its order, and what they have to do with each other.

A vector of attributes is 40 numbers in the order of `NAMES`, 0 for "no" and 1 for "yes".
"""

from collections.abc import Sequence

import numpy as np

from facegen.utils.errors import FacegenError

NAMES: tuple[str, ...] = (
    "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald",
    "Bangs", "Big_Lips", "Big_Nose", "Black_Hair", "Blond_Hair",
    "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby", "Double_Chin",
    "Eyeglasses", "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones",
    "Male", "Mouth_Slightly_Open", "Mustache", "Narrow_Eyes", "No_Beard",
    "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks",
    "Sideburns", "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings",
    "Wearing_Hat", "Wearing_Lipstick", "Wearing_Necklace", "Wearing_Necktie", "Young",
)  # fmt: skip

# Every attribute once, as a panel shows them.
GROUPS: dict[str, tuple[str, ...]] = {
    "person": ("Male", "Young", "Attractive", "Pale_Skin"),
    "hair colour": ("Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair"),
    "hair": ("Bald", "Bangs", "Receding_Hairline", "Straight_Hair", "Wavy_Hair"),
    "beard": ("No_Beard", "5_o_Clock_Shadow", "Goatee", "Mustache", "Sideburns"),
    "shape": ("Chubby", "Double_Chin", "High_Cheekbones", "Oval_Face"),
    "brows and eyes": ("Arched_Eyebrows", "Bushy_Eyebrows", "Bags_Under_Eyes", "Narrow_Eyes"),
    "nose and mouth": ("Big_Nose", "Pointy_Nose", "Big_Lips", "Mouth_Slightly_Open", "Smiling"),
    "make-up": ("Heavy_Makeup", "Rosy_Cheeks", "Wearing_Lipstick"),
    "things worn": ("Eyeglasses", "Wearing_Earrings", "Wearing_Hat", "Wearing_Necklace", "Wearing_Necktie"),
    "picture": ("Blurry",),
}

# Of each of these at most one holds. None of them may hold: hair can be auburn, a beard can be full.
EXCLUSIVE: tuple[tuple[str, ...], ...] = (
    ("Bald", "Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair"),
    ("Bald", "Straight_Hair", "Wavy_Hair"),
    ("Bald", "Bangs", "Receding_Hairline"),
    ("No_Beard", "5_o_Clock_Shadow"),
    ("No_Beard", "Goatee"),
    ("No_Beard", "Mustache"),
)

# Those that people agree about in photographs, roughly, for the panel. Wu et al. (arXiv 2210.07356) found 12
# on which two annotators agree; one of theirs, No_Beard, is left out: of CelebA's beards, many are none.
RELIABLE: tuple[str, ...] = (
    "Bald", "Bangs", "Black_Hair", "Blond_Hair", "Eyeglasses", "Goatee", "Gray_Hair",
    "Heavy_Makeup", "Male", "Mustache", "Smiling", "Wearing_Hat", "Young",
)  # fmt: skip

_INDEX = {name: i for i, name in enumerate(NAMES)}


def index(name: str) -> int:
    """Return the column, 0 to 39, of an attribute; FacegenError (with a suggestion) for a name unknown."""
    if name in _INDEX:
        return _INDEX[name]
    from difflib import get_close_matches

    near = get_close_matches(str(name), NAMES, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "; facegen.conditions.attributes.NAMES lists them"
    raise FacegenError(f"unknown attribute {name!r}: expected one of CelebA's 40 names{hint}")


def rivals(names: Sequence[str]) -> np.ndarray:
    """Which attributes go off where one goes on, bool (columns, columns), by `EXCLUSIVE`.

    Args:
        names: of the columns.

    Example:
        >>> rivals(["Black_Hair", "Blond_Hair", "Smiling"]).astype(int).tolist()
        [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    member = np.array([[name in group for name in names] for group in EXCLUSIVE])  # (groups, columns)
    return (member.T @ member) & ~np.eye(len(names), dtype=bool)
