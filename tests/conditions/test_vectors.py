"""Conditions: words become the vectors they mean; and become words again."""

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given
from hypothesis import strategies as st

from facegen import conditions
from facegen.conditions.base import angles
from facegen.utils.errors import FacegenError

NAMES = {"identity": ["01", "03", "05"], "emotion": ["angry", "happy", "sad"], "orientation": ["sin", "cos"]}
EMOTIONS = NAMES["emotion"]


@pytest.mark.parametrize("word", ["03", "3", 3, {"03": 2}, "2*3", " 03 "])
def test_many_words_for_one_person(word):
    np.testing.assert_array_equal(conditions.vector("identity", NAMES["identity"], word), [0, 1, 0])


@pytest.mark.parametrize(
    "word, weights",
    [
        ("sad+happy", [0, 1, 1]),
        ("0.7*happy+0.3*sad", [0, 0.7, 0.3]),
        ({"happy": 0.7, "sad": 0.3}, [0, 0.7, 0.3]),
        ("happy + happy + sad", [0, 2, 1]),
        ({"happy": -1}, [0, -1, 0]),
    ],
)
def test_mixtures_have_unit_length_unless_they_may_not(word, weights):
    free = conditions.vector("emotion", EMOTIONS, word, constrained=False)
    np.testing.assert_allclose(free, weights, rtol=1e-6)
    bound = conditions.vector("emotion", EMOTIONS, word)
    np.testing.assert_allclose(bound, np.array(weights) / np.linalg.norm(weights), rtol=1e-6)


@pytest.mark.parametrize(
    "degrees, expected", [(0, [0, 1]), (90, [1, 0]), ("-45", [-(0.5**0.5), 0.5**0.5]), (360, [0, 1])]
)
def test_angles_are_points_on_the_circle_frontal_at_the_top(degrees, expected):
    np.testing.assert_allclose(conditions.vector("orientation", ["sin", "cos"], degrees), expected, atol=1e-6)


def test_a_vector_is_taken_as_it_is_unless_it_has_to_have_unit_length():
    free = conditions.vector("emotion", EMOTIONS, [2, 0, -1], constrained=False)
    np.testing.assert_array_equal(free, [2, 0, -1])
    bound = conditions.vector("emotion", EMOTIONS, np.array([2, 0, -1]))
    np.testing.assert_allclose(bound, np.array([2, 0, -1]) / 5**0.5, rtol=1e-6)
    lit = conditions.vector("orientation", ["sin", "cos"], [3, 4])
    np.testing.assert_allclose(lit, [0.6, 0.8], rtol=1e-6)


@pytest.mark.parametrize(
    "request_, message",
    [
        (
            {"identity": 7, "emotion": "happy", "orientation": 0},
            r"identity: there is no '7' among 01, 03, 05",
        ),
        (
            {"identity": 1, "emotion": "hapy", "orientation": 0},
            r"emotion: there is no 'hapy'.*Did you mean 'happy'",
        ),
        (
            {"identity": 1, "emotion": "x*happy", "orientation": 0},
            r"expected a number before '\*', found 'x'",
        ),
        ({"identity": 1, "emotion": {"happy": "much"}, "orientation": 0}, "expected a number"),
        ({"identity": 1, "emotion": "happy+-1*happy", "orientation": 0}, "has no direction"),
        ({"identity": 1, "emotion": "nan*happy", "orientation": 0}, "has no direction"),
        (
            {"identity": 1, "emotion": "happy", "orientation": "left"},
            "expected an angle in degrees, found 'left'",
        ),
        ({"identity": 1, "emotion": "happy", "orientation": float("inf")}, "expected an angle"),
        ({"identity": [1, 0], "emotion": "happy", "orientation": 0}, "identity: expected 3 numbers"),
        ({"identity": 1, "emotion": "happy"}, "'orientation' is missing"),
        ({"identity": 1, "emotion": "happy", "orientation": 0, "mood": 1}, "there is no condition 'mood'"),
    ],
)
def test_what_cannot_be_read_is_named(request_, message):
    with pytest.raises(FacegenError, match=message):
        conditions.encode(NAMES, request_)


def test_a_grid_has_every_combination_the_last_word_fastest():
    rows = conditions.grid(NAMES, identity=["01", "05"], emotion=["sad"], orientation=[0, 90])
    assert {name: values.shape for name, values in rows.items()} == {
        "identity": (4, 3), "emotion": (4, 3), "orientation": (4, 2)
    }  # fmt: skip
    assert rows["identity"].argmax(axis=1).tolist() == [0, 0, 2, 2]
    np.testing.assert_allclose(rows["orientation"][:, 0], [0, 1, 0, 1], atol=1e-6)


LIGHTING = ("sin azimuth", "cos azimuth", "sin elevation", "cos elevation")
SWITCHES = ["Bald", "Male", "Smiling"]


@pytest.mark.parametrize(
    "word, values",
    [
        ({"Smiling": "on", "Male": 0}, [0, 0, 1]),
        ({"Smiling": True, "Male": "yes", "Bald": "Off"}, [0, 1, 1]),
        ("Male+Smiling", [0, 1, 1]),
        (["Male", "Smiling"], [0, 1, 1]),
        ("0.5*Male", [0, 0.5, 0]),
        ("none", [0, 0, 0]),
        ({}, [0, 0, 0]),
    ],
)
def test_switches_are_on_or_off_and_never_scaled(word, values):
    for constrained in (True, False):
        np.testing.assert_array_equal(
            conditions.vector("attributes", SWITCHES, word, constrained=constrained), values
        )


def test_switches_stay_between_off_and_on_unless_they_may_not():
    with pytest.raises(FacegenError, match="Male is 2: expected on, off, or a number from 0"):
        conditions.vector("attributes", SWITCHES, {"Male": 2})
    np.testing.assert_array_equal(
        conditions.vector("attributes", SWITCHES, {"Male": 2, "Bald": -1}, constrained=False), [-1, 2, 0]
    )
    with pytest.raises(FacegenError, match=r"no 'Smilling'.*Did you mean 'Smiling'"):
        conditions.vector("attributes", SWITCHES, "Smilling")


@pytest.mark.parametrize("word", ["30 -10", [30, -10], " 30  -10.0 ", (30.0, "-10")])
def test_light_is_azimuth_and_elevation_in_degrees(word):
    a, e = np.radians([30, -10])
    np.testing.assert_allclose(
        conditions.vector("lighting", LIGHTING, word), [np.sin(a), np.cos(a), np.sin(e), np.cos(e)], rtol=1e-6
    )


def test_only_pairs_of_sine_and_cosine_are_angles():
    assert angles(("sin", "cos")) == [""]
    assert angles(LIGHTING) == ["azimuth", "elevation"]
    for columns in (
        ("cos", "sin"),
        ("sin",),
        ("sin a", "cos b"),
        ("sin", "cos", "other"),
        ("sinful", "cosy"),
        (),
    ):
        assert angles(columns) == []


@pytest.mark.parametrize("word", ["30", "30 -10 5", "high", [True, False], {"azimuth": 30}, "nan 0"])
def test_what_is_no_light_is_refused(word):
    with pytest.raises(FacegenError, match="lighting: expected azimuth and elevation in degrees"):
        conditions.vector("lighting", LIGHTING, word)


def test_sine_and_cosine_as_words_must_be_unconstrained():
    free = conditions.vector("orientation", ["sin", "cos"], "0.5 1.2", constrained=False)
    np.testing.assert_allclose(free, [0.5, 1.2])
    with pytest.raises(FacegenError, match=r"expected an angle in degrees, found '0\.5 1\.2'"):
        conditions.vector("orientation", ["sin", "cos"], "0.5 1.2")


ABSURD = (10**400, 10**5000, [[1, 2], [3]], ["happy", 1], None, "9" * 5000, {"happy": "1" * 999})


@pytest.mark.parametrize("i", range(len(ABSURD)))
def test_absurd_words_are_refused_in_a_short_message(i):
    for condition, columns in {**NAMES, "attributes": SWITCHES}.items():
        with pytest.raises(FacegenError) as raised:
            conditions.vector(condition, columns, ABSURD[i])
        assert len(str(raised.value)) < 300


def test_the_nearest_person_is_named():
    with pytest.raises(FacegenError, match=r"no '58' among .*Did you mean '57'"):
        conditions.vector("identity", [f"{n:02d}" for n in range(1, 58)], 58)


@pytest.mark.parametrize(
    "request_",
    [
        {"identity": "03", "emotion": "0.7*happy+0.3*sad", "orientation": "45"},
        {"identity": "05+0.5*01", "emotion": "-2*sad", "orientation": "-90"},
        {"identity": "0*01", "emotion": "happy", "orientation": "0.5 1.2"},
    ],
)
def test_vectors_become_words_again(request_):
    rows = conditions.encode(NAMES, request_, constrained=False)
    assert conditions.decode(NAMES, {**rows, "noise": np.zeros((1, 4))}) == [request_]


@given(st.lists(st.floats(-3, 3, width=32), min_size=3, max_size=3), st.floats(-179, 179), st.floats(-89, 89))
def test_words_mean_the_vector_that_they_were_made_of(weights, azimuth, elevation):
    for condition, columns in (("emotion", EMOTIONS), ("attributes", SWITCHES)):
        word = conditions.words(condition, columns, np.array(weights, "float32"))
        again = conditions.vector(condition, columns, word, constrained=False)
        np.testing.assert_allclose(again, weights, atol=0.0051)
    light = conditions.vector("lighting", LIGHTING, [azimuth, elevation])
    word = conditions.words("lighting", LIGHTING, light)
    np.testing.assert_allclose(conditions.vector("lighting", LIGHTING, word), light, atol=0.002)


def test_attributes_are_read_back_in_their_order():
    assert conditions.words("attributes", SWITCHES, np.array([0, 1, 1])) == "Male+Smiling"
    assert conditions.words("attributes", SWITCHES, np.zeros(3)) == "none"


def test_persons_without_numbers_are_counted():
    ladies = ["KA", "KL", "NM"]
    for word in (3, "3", "NM", "03"):
        np.testing.assert_array_equal(conditions.vector("identity", ladies, word), [0, 0, 1])
    np.testing.assert_allclose(
        conditions.vector("identity", ladies, "1+3"), [0.5**0.5, 0, 0.5**0.5], rtol=1e-6
    )
    for word in (0, 4):
        with pytest.raises(FacegenError, match=f"there is no '{word}' among KA, KL, NM. Did you mean"):
            conditions.vector("identity", ladies, word)
    with pytest.raises(FacegenError, match="emotion: there is no '2' among angry"):
        conditions.vector("emotion", EMOTIONS, 2)


words = (
    st.text(alphabet="0123+*.- haps" + "'\"", max_size=12) | st.text(max_size=8) | st.floats() | st.integers()
)


@examples
@given(words | st.dictionaries(st.sampled_from(EMOTIONS) | st.text(max_size=3), words, max_size=3))
def test_any_word_is_a_legal_vector_or_a_facegen_error(word):
    for condition, columns in {**NAMES, "lighting": LIGHTING, "attributes": SWITCHES}.items():
        try:
            row = conditions.vector(condition, columns, word)
        except FacegenError as error:
            assert str(error).startswith(condition) and len(str(error)) < 400
            continue
        assert row.shape == (len(columns),) and row.dtype == np.float32 and np.isfinite(row).all()
        if condition in ("identity", "emotion"):
            np.testing.assert_allclose(np.linalg.norm(row), 1, atol=1e-5)


@given(st.dictionaries(st.sampled_from(EMOTIONS), st.floats(0.1, 9), min_size=1), st.floats(0.1, 9))
def test_a_mixture_is_the_same_in_words_and_mappings_of_any_strength(weights, strength):
    mapped = conditions.vector("emotion", EMOTIONS, weights)
    stronger = {name: strength * weight for name, weight in weights.items()}
    written = "+".join(f"{weight:.9f}*{name}" for name, weight in stronger.items())
    np.testing.assert_allclose(conditions.vector("emotion", EMOTIONS, stronger), mapped, atol=1e-5)
    np.testing.assert_allclose(conditions.vector("emotion", EMOTIONS, written), mapped, atol=1e-5)


AGES = ["age", "height"]
RANGES = [[18, 80], [150, 200]]


@pytest.mark.parametrize(
    "word, values",
    [
        ({"age": 45}, [45, 175]),
        ("age: 45", [45, 175]),
        ("height: 180.5, age: 20", [20, 180.5]),
        ([30, 160], [30, 160]),
        ({"age": "18"}, [18, 175]),
        ({}, [49, 175]),
    ],
)
def test_numbers_are_in_their_own_units_and_in_the_middle_where_nothing_is_said(word, values):
    np.testing.assert_array_equal(conditions.vector("numbers", AGES, word, ranges=RANGES), values)
    one = conditions.vector("numbers", ["age"], "45")  # one column needs no name, and no range is known
    assert one.tolist() == [45]


def test_numbers_stay_within_their_range_unless_they_may_not():
    with pytest.raises(FacegenError, match="numbers: age is 81: expected a number from 18 to 80"):
        conditions.encode({"numbers": AGES}, {"numbers": {"age": 81}}, ranges={"numbers": RANGES})
    free = conditions.vector("numbers", AGES, {"age": 81}, constrained=False, ranges=RANGES)
    assert free.tolist() == [81, 175]
    for word in ("age: old", {"age": float("nan")}, {"age": 1e39}, {"age": None}, "age: 1e999"):
        with pytest.raises(FacegenError, match="numbers: expected age as a number, found"):
            conditions.vector("numbers", AGES, word, ranges=RANGES)
    with pytest.raises(FacegenError, match=r"there is no 'hight' among age, height. Did you mean 'height'"):
        conditions.vector("numbers", AGES, "hight: 170", ranges=RANGES)


@pytest.mark.parametrize(
    "columns, word, weights",
    [
        (["salt", "salt+pepper"], "salt+pepper", [0, 1]),
        (["salt", "salt+pepper"], "0.5*salt+pepper+salt", [1, 0.5]),
        (["salt", "salt+pepper"], ["salt", "salt+pepper"], [1, 1]),
        (["a", "b", "a*b"], "a*b", [0, 0, 1]),
        (["a", "b", "a*b"], "2*a*b+3*a", [3, 0, 2]),
        (["1.5", "1.50"], "1.50", [0, 1]),
        (["7", "007"], "007", [0, 1]),
        (["no", "yes"], "no", [1, 0]),
    ],
)
def test_what_is_the_name_of_a_column_is_no_arithmetic(columns, word, weights):
    free = conditions.vector("hair", columns, word, constrained=False)
    np.testing.assert_allclose(free, weights)


names_ = st.lists(
    st.text("ab+* ", min_size=1, max_size=5).map(str.strip).filter(bool), min_size=1, max_size=4
)


@examples
@given(names_.map(lambda some: sorted({*some})), st.data())
def test_names_of_any_letters_are_read_back(columns, data):
    for i, column in enumerate(columns):
        row = np.eye(len(columns))[i]
        assert conditions.words("hair", columns, row) == column
        np.testing.assert_array_equal(conditions.vector("hair", columns, column), row)
    weights = data.draw(st.lists(st.integers(-3, 3), min_size=len(columns), max_size=len(columns)))
    word = conditions.words("hair", columns, np.array(weights, "float32"))
    np.testing.assert_allclose(conditions.vector("hair", columns, word, constrained=False), weights)


@given(
    st.lists(st.text(min_size=1, max_size=6).map(str.strip).filter(bool), min_size=1, max_size=4, unique=True)
)
def test_numbers_of_any_name_are_read_back(columns):
    row = np.arange(len(columns)) - 1.5
    word = conditions.words("numbers", columns, row)
    np.testing.assert_allclose(conditions.vector("numbers", columns, word), row)
