"""Each of the 40 attributes changes the picture where it should, at 64x64, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facegen import clay
from facegen.conditions.attributes import EXCLUSIVE, GROUPS, NAMES, RELIABLE, index
from facegen.utils.errors import FacegenError

SIZE = 64
PLAIN = {
    "yaw": 0.0, "pitch": 0.0, "body_yaw": 0.0, "backdrop_seed": 0.0, "warm": 0.0, "key": 0.7, "ambient": 0.5,
    "backdrop_top": (0.45, 0.55, 0.65), "backdrop_bottom": (0.30, 0.38, 0.45), "light": (-0.3, 0.5, 0.8),
}  # fmt: skip
MEN, WOMEN = ((True, 5), (True, 11)), ((False, 3), (False, 8))

# What an attribute owns, as boxes (top, bottom, left, right) of the 64x64 picture of a frontal face, whose
# eyes are in row 32, nose tip in row 40, mouth in row 46 and chin in row 56.
BROWS = (20, 31, 17, 47)
EYES = (26, 38, 17, 47)
CHEEKS = (26, 52, 11, 53)
NOSE = (27, 54, 19, 45)
MOUTH = (40, 53, 22, 42)
JAW = (34, 59, 10, 54)
LOWER_FACE = (26, 64, 8, 56)
HEAD = (1, 64, 5, 59)
CHEST = (52, 64, 0, 64)
TOP = (0, 44, 0, 64)
HAIR = ((0, 37, 0, 64), (37, 64, 0, 23), (37, 64, 41, 64), (48, 64, 0, 64))  # all but the middle of the face
EVERYTHING = (0, 64, 0, 64)
OWNED = {
    "5_o_Clock_Shadow": (JAW,),
    "Arched_Eyebrows": (BROWS,),
    "Attractive": ((20, 64, 8, 56),),
    "Bags_Under_Eyes": ((33, 41, 16, 48),),
    "Bald": HAIR,
    "Bangs": HAIR,
    "Big_Lips": (MOUTH,),
    "Big_Nose": (NOSE,),
    "Black_Hair": HAIR,
    "Blond_Hair": HAIR,
    "Blurry": (EVERYTHING,),
    "Brown_Hair": HAIR,
    "Bushy_Eyebrows": (BROWS,),
    "Chubby": (HEAD,),
    "Double_Chin": ((48, 64, 10, 54),),
    "Eyeglasses": ((23, 48, 10, 54),),
    "Goatee": (JAW,),
    "Gray_Hair": HAIR,
    "Heavy_Makeup": ((25, 46, 14, 50),),
    "High_Cheekbones": (CHEEKS,),
    "Male": (EVERYTHING,),
    "Mouth_Slightly_Open": (LOWER_FACE,),
    "Mustache": ((38, 48, 22, 42),),
    "Narrow_Eyes": (EYES,),
    "No_Beard": (JAW,),
    "Oval_Face": (HEAD,),
    "Pale_Skin": ((9, 64, 8, 56),),
    "Pointy_Nose": (NOSE,),
    "Receding_Hairline": ((1, 38, 8, 56),),
    "Rosy_Cheeks": ((31, 47, 14, 50),),
    "Sideburns": ((24, 50, 9, 55),),
    "Smiling": (CHEEKS,),
    "Straight_Hair": HAIR,
    "Wavy_Hair": HAIR,
    "Wearing_Earrings": ((26, 64, 0, 23), (26, 64, 41, 64)),
    "Wearing_Hat": (TOP,),
    "Wearing_Lipstick": (MOUTH,),
    "Wearing_Necklace": (CHEST,),
    "Wearing_Necktie": (CHEST,),
    "Young": ((17, 53, 14, 50),),
}
LARGE = ("Attractive", "Blurry", "Chubby", "Male", "Mouth_Slightly_Open", "Oval_Face", "Pale_Skin", "Young")
BEARD = ("5_o_Clock_Shadow", "Goatee", "Mustache", "No_Beard", "Sideburns")  # on women too, but tested on men
CASES = [
    pytest.param(name, male, seed, id=f"{name}-{'man' if male else 'woman'}-{seed}")
    for name in NAMES
    for male, seed in (MEN if name in BEARD else MEN + WOMEN)
]


def pair(name: str, male: bool, seed: int) -> list[np.ndarray]:
    """The pictures of a person without and with an attribute; what it excludes is off in the second."""
    on = {"Male": male, "Young": 1, "No_Beard": 1, "Brown_Hair": 1, "Attractive": 1}
    rivals = {other: 0 for group in EXCLUSIVE if name in group for other in group}
    faces = [clay.person({**on, name: 0}, seed), clay.person({**on, **rivals, name: 1}, seed)]
    return [clay.draw(face._replace(**PLAIN), SIZE, SIZE).astype(float) for face in faces]


def change(before: np.ndarray, after: np.ndarray, boxes) -> tuple[float, float]:
    """Mean change, of 255, inside and outside of the boxes."""
    difference = np.abs(after - before).mean(-1)
    inside = np.zeros((SIZE, SIZE), bool)
    for top, bottom, left, right in boxes:
        inside[top:bottom, left:right] = True
    outside = difference[~inside]
    return difference[inside].mean(), outside.mean() if outside.size else 0.0


@pytest.mark.parametrize(("name", "male", "seed"), CASES)
def test_changes_what_it_names_and_nothing_else(name, male, seed):
    inside, outside = change(*pair(name, male, seed), OWNED[name])
    assert inside > (0.9 if name in LARGE else 1.5)
    assert outside < 0.12


def test_every_attribute_has_its_place():
    assert set(OWNED) == set(NAMES)


def test_the_measure_can_fail():
    """Nothing changes; something changes elsewhere; more changes than is owned."""
    before, after = pair("Wearing_Necktie", True, 5)
    assert change(before, before, OWNED["Wearing_Necktie"]) == (0, 0)
    assert change(before, after, OWNED["Narrow_Eyes"])[0] < 0.1
    assert change(before, after, OWNED["Narrow_Eyes"])[1] > 0.12
    assert change(*pair("Blurry", True, 5), OWNED["Narrow_Eyes"])[1] > 0.12


def test_the_same_seed_is_the_same_person():
    """Attributes leave alone what they don't name: the fields of a face, here."""
    plain = clay.person({"Male": 1}, 3)
    smiling = clay.person({"Male": 1, "Smiling": 1}, 3)
    changed = {k for k in plain._fields if getattr(plain, k) != getattr(smiling, k)}
    assert changed == {"smile", "lid_low", "cheek"}
    assert clay.person({"Male": 1}, 4).width != plain.width


def test_a_dict_and_forty_numbers_say_the_same():
    numbers = np.zeros(40)
    numbers[[index("Male"), index("Young")]] = 1
    assert clay.person(numbers, 1) == clay.person({"Young": True, "Male": 1.0}, 1)


@pytest.mark.parametrize("wrong", [{"Smilling": 1}, np.zeros(39)])
def test_wrong_attributes_are_refused(wrong):
    with pytest.raises(FacegenError, match="attribute"):
        clay.person(wrong, 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=40, max_size=40), st.integers(0, 2**31))
def test_any_combination_draws(attributes, seed):
    face = clay.person(np.array(attributes), seed)
    assert all(np.isfinite(value).all() for value in face)
    picture = clay.draw(face, 48, 60, smooth=False)
    assert picture.shape == (60, 48, 3)
    assert picture.dtype == np.uint8
    backdrop = clay.draw(face._replace(zoom=1e-3), 48, 60, smooth=False)
    assert (np.abs(picture.astype(int) - backdrop).max(-1) > 8).mean() > 0.2  # somebody is there


def test_the_lists_of_attributes_agree():
    assert len(NAMES) == len(set(NAMES)) == 40
    assert sorted(name for group in GROUPS.values() for name in group) == sorted(NAMES)
    assert {name for group in EXCLUSIVE for name in group} | set(RELIABLE) <= set(NAMES)
    assert [index(name) for name in NAMES] == list(range(40))


def test_an_unknown_attribute_gets_a_suggestion():
    with pytest.raises(FacegenError, match="did you mean 'Smiling'"):
        index("smiling")
