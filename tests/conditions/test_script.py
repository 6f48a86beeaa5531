"""Parameter files: each mode draws what it says, every key has its effect, and every mistake is named."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from facegen import conditions
from facegen.conditions import attributes, direction, script, yaml
from facegen.data import jaffe, rafd, yaleb
from facegen.utils.errors import FacegenError

RAFD = {
    "identity": [f"{number:02d}" for number in range(1, 8)],
    "emotion": list(rafd.EMOTIONS),
    "orientation": ["sin", "cos"],
}
YALE = {"identity": ["01", "02"], "pose": list(yaleb.POSES), "lighting": list(yaleb.LIGHTING)}
JAFFE = {"identity": ["KA", "NM", "YM"], "emotion": list(jaffe.EMOTIONS)}
CELEBA = {"attributes": list(attributes.NAMES)}
PARAMS = Path(__file__).resolve().parents[2] / "params"


class Echo:
    """A model whose pictures are its inputs, so that one sees what was drawn and how much at a time."""

    names, ranges = RAFD, {}

    def __init__(self):
        self.counts = []

    def draw(self, rows, batch_size):
        self.counts.append(len(rows["identity"]))
        assert self.counts[-1] <= batch_size
        return np.concatenate([rows[name] for name in RAFD], axis=1)[:, :, None, None]


def test_the_text_of_a_cell_is_drawn_picture_by_picture():
    text = "mode: interpolate\nfps: 5\nkeyframes:\n  - {id: 1, em: sad}\n  - {em: happy, length: 1s}\n"
    model, told = Echo(), script.of(text, Echo())
    assert (told.count, told.fps) == (6, 5)
    drawn = np.stack([*told.pictures(model, batch=4)])[:, :, 0, 0]
    assert model.counts == [4, 2]
    np.testing.assert_array_equal(drawn, np.concatenate([*next(told.frames()).values()], axis=1))
    with pytest.raises(FacegenError, match="parameters, line 2, emo: there is no such key"):
        script.of("mode: single\nemo: happy", model)


def normal(count, seed):
    return np.random.default_rng(seed).standard_normal((count, 6), "float32")


def uniform(count, seed):
    return np.random.default_rng(seed).random((count, 1), "float32")


def rows(content, names=RAFD, noise=None, batch=1000):
    return conditions.stack([*script.parse(content, names, noise).frames(batch)])


def example(name, names, noise=None):
    return script.parse(yaml.read(PARAMS / f"{name}.yaml"), names, noise)


def film(*keyframes, names=RAFD, noise=None, **more):
    return rows({"mode": "interpolate", "fps": 10, "keyframes": keyframes, **more}, names, noise)


def word(name, values, names=RAFD):
    return conditions.words(name, names[name], values)


def turned(orientation):
    return np.degrees(np.arctan2(*orientation.T))


# The examples


@pytest.mark.parametrize(
    "name, count", [("single", 1), ("random", 100), ("drunk", 300), ("interpolate", 121), ("story", 297)]
)
@pytest.mark.parametrize("names", [RAFD, {**RAFD, "identity": RAFD["identity"][:5]}], ids=["7 people", "5"])
def test_the_examples_for_the_deconvolution_network(name, count, names):
    frames = conditions.stack([*example(name, names).frames()])
    assert {key: len(values) for key, values in frames.items()} == dict.fromkeys(names, count)
    if name != "random":
        for key in ("identity", "emotion", "orientation"):
            np.testing.assert_allclose(np.linalg.norm(frames[key], axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name, count", [("attributes", 169), ("crowd", 25)])
def test_the_examples_for_the_gan(name, count):
    frames = conditions.stack([*example(name, CELEBA, normal).frames()])
    assert frames["attributes"].shape == (count, 40) and frames["noise"].shape == (count, 6)


def test_every_example_is_tested():
    tested = {"single", "random", "drunk", "interpolate", "story", "attributes", "crowd"}
    assert {path.stem for path in PARAMS.iterdir()} == tested


# single


def test_a_single_picture():
    frames = rows({"mode": "single", "id": 3, "em": "0.7*happy+0.3*sad", "or": 45, "constrained": False})
    assert [conditions.decode(RAFD, frames)] == [
        [{"identity": "03", "emotion": "0.7*happy+0.3*sad", "orientation": "45"}]
    ]


def test_what_is_left_out_is_the_first_person_neutral_from_the_front():
    (decoded,) = conditions.decode(RAFD, rows({"mode": "single"}))
    assert decoded == {"identity": "01", "emotion": "neutral", "orientation": "0"}
    (decoded,) = conditions.decode(YALE, rows({"mode": "single"}, YALE))
    assert decoded == {"identity": "01", "pose": "00", "lighting": "0 0"}


def test_yale_and_jaffe():
    (decoded,) = conditions.decode(YALE, rows({"mode": "single", "ps": 3, "lt": "30 -10", "id": 2}, YALE))
    assert decoded == {"identity": "02", "pose": "03", "lighting": "30 -10"}
    (decoded,) = conditions.decode(JAFFE, rows({"mode": "single", "id": "NM", "em": "happy"}, JAFFE))
    assert decoded == {"identity": "NM", "emotion": "happy"}


def test_full_names_do_too():
    one = rows({"mode": "single", "identity": 2, "emotion": "sad", "orientation": 10, "orientation_scale": 2})
    two = rows({"mode": "single", "id": 2, "em": "sad", "or": 10, "or_scale": 2})
    assert all((one[name] == two[name]).all() for name in RAFD)


def test_constrained_vectors_are_as_long_as_their_scale_others_what_the_words_say():
    mixed = {"mode": "single", "id": "1+2*3", "em": [0, 0, 0, 0, 3, 0, 0, 0], "em_scale": 2, "or": 90}
    bound, free = rows(mixed), rows({**mixed, "constrained": False, "or": "0.5 1.2"})
    np.testing.assert_allclose(np.linalg.norm(bound["identity"]), 1, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(bound["emotion"]), 2, rtol=1e-6)
    assert (
        word("identity", free["identity"][0]) == "2*03+01"
        and word("emotion", free["emotion"][0]) == "6*happy"
    )
    np.testing.assert_allclose(free["orientation"], [[0.5, 1.2]])


# random


def test_random_numbers_fill_minus_scale_to_scale():
    frames = rows({"mode": "random", "constrained": False, "id_scale": 2, "num_images": 400, "seed": 5})
    for name, scale in (("identity", 2), ("emotion", 1), ("orientation", 1)):
        assert np.abs(frames[name]).max() <= scale
        np.testing.assert_allclose([frames[name].min(), frames[name].max()], [-scale, scale], atol=0.05)
        np.testing.assert_allclose(frames[name].std(), scale / 3**0.5, rtol=0.1)


def test_random_constrained_pictures_are_legal():
    frames = rows({"mode": "random", "num_images": 400, "seed": 5, "min": 0})
    for name in RAFD:
        np.testing.assert_allclose(np.linalg.norm(frames[name], axis=1), 1, atol=1e-5)
    assert frames["identity"].min() >= 0 and frames["emotion"].min() >= 0
    angles = turned(frames["orientation"])
    np.testing.assert_allclose([angles.min(), angles.max()], [-90, 90], atol=3)


def test_chance_keeps_to_the_angles_allowed():
    frames = rows({"mode": "random", "num_images": "10s", "fps": 20, "or_min": 100, "or_max": 120})
    angles = turned(frames["orientation"])
    assert len(angles) == 200 and angles.min() >= 100 and angles.max() <= 120


@pytest.mark.parametrize("mode", ["random", "drunk"])
def test_what_is_set_stays_constant(mode):
    frames = rows({"mode": mode, "num_images": 20, "id": 3, "or": 30})
    assert {word("identity", row) for row in frames["identity"]} == {"03"}
    assert {word("orientation", row) for row in frames["orientation"]} == {"30"}
    assert len(np.unique(frames["emotion"], axis=0)) == 20


# drunk


@pytest.mark.parametrize(
    "bounds", [{"min": 0, "max": 1}, {"min": -0.2, "id_min": 0.1, "max": 0.9, "em_max": 0.8}]
)
@pytest.mark.parametrize("constrained", [True, False])
def test_bounds_hold_on_every_walk(bounds, constrained):
    content = {"mode": "drunk", "num_images": 300, "id_step": 0.3, "seed": 1, **bounds}
    frames = rows({**content, "constrained": constrained})
    for name, short in (("identity", "id"), ("emotion", "em")):
        low = bounds.get(f"{short}_min", bounds["min"])
        high = bounds.get(f"{short}_max", bounds["max"])
        assert frames[name].min() >= np.float32(low) and frames[name].max() <= np.float32(high)
        assert frames[name].max() > frames[name].min()
    if constrained:  # angles are not bounded by what bounds numbers
        assert np.abs(turned(frames["orientation"])).max() > 2


def test_a_drunk_step_is_at_most_the_step():
    content = {
        "mode": "drunk",
        "constrained": False,
        "num_images": 200,
        "em_step": 0.03,
        "or_step": 0,
        "seed": 1,
    }
    frames = rows(content)
    for name, step in (("identity", 0.1), ("emotion", 0.03), ("orientation", 0)):
        steps = np.abs(np.diff(frames[name], axis=0))
        assert steps.max() <= step + 1e-6 and steps.max() >= 0.9 * step
    angles = turned(rows({**content, "constrained": True, "or_step": 0.1})["orientation"])
    turns = np.abs(np.diff(np.unwrap(angles, period=360)))  # past 180 degrees it goes on at -180
    assert 5 < turns.max() <= np.degrees(0.1) + 1e-3


def test_a_walk_starts_from_anywhere_and_the_seed_decides():
    content = {"mode": "drunk", "num_images": 10}
    one, same, other = (rows({**content, "seed": seed}) for seed in (1, 1, 2))
    assert (one["emotion"] == same["emotion"]).all() and (one["emotion"][0] != other["emotion"][0]).all()
    parsed = script.parse(content, RAFD)  # no seed: another walk each time a file is read, but only then
    first, again = (next(parsed.frames()) for _ in range(2))
    assert (first["emotion"] == again["emotion"]).all()
    assert script.parse(content, RAFD).seed != parsed.seed


def test_setting_one_condition_changes_nothing_about_the_others():
    content = {"mode": "drunk", "num_images": 10, "seed": 1}
    np.testing.assert_array_equal(rows(content)["emotion"], rows({**content, "id": 3})["emotion"])


# interpolate


def test_keyframes_are_met_and_what_they_leave_out_stays():
    frames = film(
        {"id": 1, "em": "happy"}, {"em": "sad", "length": "1s"}, {"id": 3, "length": 5}, {"length": 2}
    )
    assert len(frames["identity"]) == 1 + 10 + 5 + 2
    decoded = conditions.decode(RAFD, frames)
    assert [decoded[i]["emotion"] for i in (0, 10, 15, 17)] == ["happy", "sad", "sad", "sad"]
    assert [decoded[i]["identity"] for i in (0, 10, 15, 17)] == ["01", "01", "03", "03"]
    assert decoded[15:] == decoded[15:16] * 3  # held
    np.testing.assert_allclose(np.linalg.norm(frames["emotion"], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(
        frames["emotion"][5], conditions.vector("emotion", RAFD["emotion"], "happy+sad"), atol=1e-6
    )


def test_unconstrained_films_go_straight():
    frames = film({"em": "happy"}, {"em": "2*sad", "length": 2}, constrained=False)
    assert word("emotion", frames["emotion"][1]) == "sad+0.5*happy"


@pytest.mark.parametrize(
    "start, end, middle",
    [
        (-90, 90, 0),
        (0, 360, 180),
        (170, 190, 180),
        (45, -45, 0),
        (170, -170, 180),
        (-100, 120, 190),
        (180, -180, 180),
    ],
)
def test_heads_turn_the_short_way_or_as_far_as_is_written(start, end, middle):
    frames = film({"or": start}, {"or": end, "length": 10})
    np.testing.assert_allclose(frames["orientation"][5], direction(middle), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(frames["orientation"], axis=1), 1, atol=1e-6)


def test_a_turn_keeps_to_its_bounds_even_the_long_way():
    angles = turned(film({"or": 170}, {"or": -170, "length": 10}, or_min=-175, or_max=175)["orientation"])
    assert np.abs(angles).max() < 176 and angles[5] == pytest.approx(0, abs=1e-3)


def test_after_a_short_way_the_next_begins_where_it_ended():
    angles = turned(film({"or": 170}, {"or": -170, "length": 2}, {"or": -90, "length": 2})["orientation"])
    np.testing.assert_allclose(np.abs(angles[:2]), [170, 180], atol=1e-3)
    np.testing.assert_allclose(angles[2:], [-170, -130, -90], atol=1e-3)


def test_ways_are_eased_for_the_whole_file_or_for_a_keyframe():
    frames = film({"or": 0}, {"or": 80, "length": 4}, {"or": 0, "length": 4, "ease": "linear"}, ease="in-out")
    np.testing.assert_allclose(
        turned(frames["orientation"]), [0, 12.5, 40, 67.5, 80, 60, 40, 20, 0], atol=1e-3
    )
    one = film({"em": "happy"}, {"em": "sad", "length": 10, "ease": "out"}, constrained=False)
    assert word("emotion", one["emotion"][5]) == "0.75*sad+0.25*happy"


def test_lights_move_on_their_circles():
    frames = film({"lt": "-60 0"}, {"lt": "60 40", "length": 2}, names=YALE)
    assert word("lighting", frames["lighting"][1], YALE) == "0 20"


def test_a_film_may_begin_with_what_the_whole_file_says():
    frames = film({"em": "sad"}, {"em": "happy", "length": 1}, id=3)
    assert {word("identity", row) for row in frames["identity"]} == {"03"}


def test_a_time_is_a_number_of_frames():
    for length, fps, count in (
        ("2s", 30, 60),
        ("0.5 s", 24, 12),
        ("0.001s", 30, 1),
        ("1s", 12.5, 12),
        (7, 30, 7),
    ):
        parsed = script.parse({"mode": "random", "num_images": length, "fps": fps}, RAFD)
        assert (parsed.count, parsed.fps) == (count, fps)


# attributes and noise


def test_switches_are_set_by_name_and_are_not_scaled():
    frames = film(
        {"attributes": "Young+Male"}, {"Smiling": True, "Male": 0, "length": 2}, names=CELEBA, noise=normal
    )
    names = [word("attributes", row, CELEBA) for row in frames["attributes"]]
    assert names == ["Male+Young", "0.5*Male+0.5*Smiling+Young", "Smiling+Young"]


def test_all_switches_but_those_set_are_left_to_chance():
    content = {"mode": "random", "num_images": 300, "Smiling": True, "Bald": False, "seed": 2}
    values = rows(content, CELEBA, normal)["attributes"]
    smiling, bald = attributes.index("Smiling"), attributes.index("Bald")
    assert (values[:, smiling] == 1).all() and (values[:, bald] == 0).all()
    others = np.delete(values, [smiling, bald], axis=1)
    assert set(np.unique(others)) == {0, 1}
    np.testing.assert_allclose(others.mean(axis=0), 0.5, atol=0.15)
    walk = rows({**content, "mode": "drunk"}, CELEBA, normal)["attributes"]
    assert (walk[:, smiling] == 1).all() and walk.min() == 0 and walk.max() == 1
    assert 0 < np.abs(np.diff(walk, axis=0)).max() <= 0.1 + 1e-6


def test_noise_is_a_seed():
    frames = film({"noise": 7}, {"noise": 8, "length": 2}, names=CELEBA, noise=normal)["noise"]
    np.testing.assert_array_equal(frames[[0, 2]], [normal(1, 7)[0], normal(1, 8)[0]])
    lengths = np.linalg.norm(frames, axis=1)
    np.testing.assert_allclose(lengths[1], (lengths[0] + lengths[2]) / 2, rtol=1e-5)  # on the arc
    drawn = rows({"mode": "random", "num_images": 50, "seed": 1}, CELEBA, normal)["noise"]
    assert len(np.unique(drawn, axis=0)) == 50
    single = {"mode": "single", "noise_scale": 0.5}
    np.testing.assert_array_equal(rows({**single, "seed": 9}, CELEBA, normal)["noise"], normal(1, 9) / 2)


def test_wandering_noise_stays_where_the_generator_learned():
    walk = {"mode": "drunk", "num_images": 400, "noise_step": 0.5, "seed": 1}
    level = rows(walk, CELEBA, uniform)["noise"]
    assert 0 <= level.min() < 0.1 and 0.9 < level.max() <= 1
    width, free = (
        rows({**walk, "constrained": kept}, CELEBA, normal)["noise"].std() for kept in (True, False)
    )
    assert 0.7 < width < 1.4 and free > 2.5


AGED = {"numbers": ["age", "min"], "attributes": ["beard", "seed"]}
SPAN = {"numbers": [[18, 80], [5, 5]]}


def aged(**content):
    return conditions.stack([*script.parse({"mode": "single", **content}, AGED, ranges=SPAN).frames()])


@pytest.mark.parametrize(
    "content, numbers, attributes_",
    [
        ({}, [49, 5], [0, 0]),
        ({"age": 45}, [45, 5], [0, 0]),
        ({"age": "45"}, [45, 5], [0, 0]),
        ({"numbers": {"age": 45, "min": 5}, "beard": "on"}, [45, 5], [1, 0]),
        ({"numbers": "min: 5, age: 20"}, [20, 5], [0, 0]),
        ({"numbers": [20, 5], "attributes": {"seed": True}}, [20, 5], [0, 1]),
        ({"numbers": {"age": 30}, "age": 45}, [45, 5], [0, 0]),
        ({"age": 90, "constrained": False}, [90, 5], [0, 0]),
        ({"age": 30, "min": 40, "max": 41, "constrained": False}, [30, 5], [40, 40]),
    ],
)
def test_numbers_keep_the_units_of_their_table(content, numbers, attributes_):
    found = aged(**content)
    assert found["numbers"].tolist() == [numbers] and found["attributes"].tolist() == [attributes_]


def test_chance_and_drunk_steps_ask_for_numbers_within_their_range():
    for mode in ("random", "drunk"):
        found = aged(mode=mode, num_images=500, seed=1)["numbers"]
        assert 18 <= found[:, 0].min() < 25 and 73 < found[:, 0].max() <= 80 and (found[:, 1] == 5).all()
        old = aged(mode=mode, num_images=200, seed=1, numbers_min=60)["numbers"][:, 0]
        assert 60 <= old.min() < 65 and old.max() <= 80
    steps = np.abs(np.diff(aged(mode="drunk", num_images=200, numbers_step=0.01)["numbers"][:, 0]))
    assert 0.5 < steps.max() <= 0.62 + 1e-4  # a hundredth of 62 years


@pytest.mark.parametrize(
    "content, message",
    [
        ({"age": 90}, "age: age is 90: expected a number from 18 to 80, as in training; unconstrained"),
        ({"age": True}, "age: expected age as a number, found True"),
        ({"age": "old"}, "age: expected age as a number, found 'old'"),
        ({"numbers": {"agee": 45}}, r"numbers: there is no 'agee' among age, min. Did you mean 'age'\?"),
        ({"numbers": [1, 2, 3]}, "numbers: expected 2 numbers"),
        ({"beard": -1}, r"beard: beard is -1: expected on, off, or a number from 0 \(off\) to 1 \(on\)"),
    ],
)
def test_numbers_and_attributes_that_cannot_be_are_named(content, message):
    with pytest.raises(FacegenError, match=f"^parameters, {message}"):
        aged(**content)


OWN = {
    "mode": ["day", "night"], "seed": ["new", "old"], "length": ["long", "short"], "id": ["anna", "no"],
    "identity": ["x", "y"], "id_min": ["a", "b"], "salt+pepper": ["1.50", "a*b", "yes"],
}  # fmt: skip


def asked(text):
    found = conditions.stack([*script.parse(yaml.parse(text, "p.yaml"), OWN).frames()])
    return [{k: v for k, v in one.items() if v != OWN[k][0]} for one in conditions.decode(OWN, found)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("mode: single", {}),
        ("mode: single\nid: no", {"id": "no"}),
        ("mode: single\nidentity: y\nid: anna", {"identity": "y"}),
        ("mode: single\nid_min: b\nidentity_min: -1", {"id_min": "b"}),
        ("mode: single\nsalt+pepper: a*b", {"salt+pepper": "a*b"}),
        ("mode: single\nsalt+pepper: yes", {"salt+pepper": "yes"}),
        ("mode: single\nsalt+pepper: 1.50\nid: [no]", {"id": "no"}),
        ("mode: single\nseed: 3\nconditions: {mode: night, seed: old}", {"mode": "night", "seed": "old"}),
        ("mode: single\nconditions: {id: no, length: short}", {"id": "no", "length": "short"}),
    ],
)
def test_conditions_and_words_may_be_called_anything(text, expected):
    assert asked(text) == [expected]


def test_keyframes_ask_for_what_their_own_words_are_called():
    found = asked(
        "mode: interpolate\nkeyframes:\n"
        "- {conditions: {length: short}}\n- {conditions: {mode: night}, length: 1}"
    )
    assert found == [{"length": "short"}, {"length": "short", "mode": "night"}]


@pytest.mark.parametrize(
    "text, message",
    [
        ("mode: single\nseed: old", r"line 2, seed: expected a whole .*by `conditions: \{seed: \.\.\.\}`"),
        ("mode: day", r"line 1, mode: expected one of single, .*by `conditions: \{mode: \.\.\.\}`"),
        ("mode: single\nid: no\nconditions: {id: anna}", "line 3, id: id and id are the same: keep one"),
        ("mode: single\nconditions: {idd: anna}", r"line 2, idd: there is no such key. Did you mean 'id'\?"),
        ("mode: single\nconditions: night", "line 2, conditions: expected `name: word` for each condition"),
    ],
)
def test_what_is_asked_for_in_the_wrong_place_is_told_the_right_one(text, message):
    with pytest.raises(FacegenError, match=message):
        asked(text)


# rows are made as they are asked for


@pytest.mark.parametrize("name", ["random", "drunk", "interpolate"])
def test_batches_of_any_size_hold_the_same_rows(name):
    parsed = example(name, RAFD)
    sizes = [len(frames["identity"]) for frames in parsed.frames(32)]
    assert set(sizes[:-1]) == {32} and sum(sizes) == parsed.count
    whole, parts = ([*parsed.frames(size)] for size in (1000, 7))
    for key, values in conditions.stack(parts).items():
        np.testing.assert_array_equal(values, whole[0][key])
        assert values.dtype == np.float32


def test_a_film_of_hours_begins_at_once():
    for content in (
        {"mode": "drunk", "num_images": 1_000_000},
        {"mode": "interpolate", "keyframes": [{"em": "sad"}, {"em": "happy", "length": 999_999}]},
    ):
        parsed = script.parse(content, RAFD)
        assert parsed.count == 1_000_000
        assert [len(f["emotion"]) for f in islice(parsed.frames(4), 2)] == [4, 4]


def test_defaults_are_not_shared():
    rows({"mode": "random", "num_images": 3, "id_scale": 2, "min": 0, "constrained": False})
    np.testing.assert_allclose(
        np.linalg.norm(rows({"mode": "random", "num_images": 3})["identity"], axis=1), 1
    )
    assert rows({"mode": "random", "num_images": 50})["identity"].min() < 0


# mistakes

FRAMES = "mode: interpolate\nkeyframes:\n  - {id: 1, em: happy}\n"


@pytest.mark.parametrize(
    "text, message",
    [
        ("mode: singel", r"line 1, mode: expected one of .*found 'singel'. Did you mean 'single'\?"),
        ("id: 3", r"p\.yaml, mode: expected one of single, random, drunk, interpolate; it is missing"),
        ("mode: single\nidd: 3", r"line 2, idd: there is no such key. Did you mean 'id'\?"),
        ("mode: random\nnum_imges: 3", r"line 2, num_imges: .*Did you mean 'num_images'\?"),
        ("mode: single\n\nem: hapy", r"line 3, em: there is no 'hapy' among .*Did you mean 'happy'\?"),
        ("mode: single\nid: 9", r"line 2, id: there is no '9' among 01, .*Did you mean '07'\?"),
        ("mode: single\nid:", "line 2, id: has no value"),
        ("mode: single\nps: 3", "line 2, ps: there is no such key: this model reads no pose"),
        ("mode: single\nlt_scale: 3", "line 2, lt_scale: .* reads no lighting"),
        ("mode: single\nnoise: 3", "line 2, noise: there is no such key: this model reads no noise"),
        ("mode: single\nid: 3\nidentity: 3", "line 3, identity: id and identity are the same"),
        ("mode: single\nor: left", "line 2, or: expected an angle in degrees, found 'left'"),
        ("mode: single\nor: 0.5 1.2", r"line 2, or: expected an angle in degrees, found '0\.5 1\.2'"),
        ("mode: single\nem: [0, 0, 0, 0, 0, 0, 0, 0]", r"line 2, em: \[0, .* has no direction"),
        ("mode: single\nem: [1, 2]", "line 2, em: expected 8 numbers"),
        ("mode: single\nconstrained: 1", "line 2, constrained: expected true or false, found 1"),
        ("mode: single\nid_scale: -1", "line 2, id_scale: expected a number from 0 to 1e"),
        ("mode: single\nfps: '30'", "line 2, fps: expected a number from 0.1 to 1000, found '30'"),
        ("mode: single\nseed: 1.5", "line 2, seed: expected a whole number, 0 or larger, found 1.5"),
        ("mode: single\nmin: 2\nmax: 1", "line 2, min: the bounds 2 to 1 leave nothing between them"),
        ("mode: single\nmin: 2\nid_max: 1", "line 3, id_max: the bounds 2 to 1"),
        ("mode: random", "num_images: expected 1 to 1,000,000 frames .*it is missing"),
        ("mode: random\nnum_images: 10m", "line 2, num_images: expected .*found '10m'"),
        ("mode: random\nnum_images: 0", "line 2, num_images: expected .*found 0"),
        ("mode: random\nnum_images: 99999999s", "line 2, num_images: expected 1 to 1,000,000"),
        ("mode: random\nid_step: 1\nnum_images: 3", "id_step: belongs to mode drunk, and this is random"),
        ("mode: single\nnum_images: 3", "line 2, num_images: belongs to mode random or drunk"),
        ("mode: drunk\nnum_images: 3\nkeyframes: []", "line 3, keyframes: belongs to mode interpolate"),
        ("mode: interpolate", "keyframes: expected a list of keyframes"),
        ("mode: interpolate\nkeyframes: []", "line 2, keyframes: expected a list"),
        (FRAMES + "  - 7", "line 2, keyframes: number 2 is 7, expected `key: value`"),
        (FRAMES + "  - {em: sad}", "line 4, length: expected 1 to .*it is missing"),
        (FRAMES + "  - {em: sad, lenght: 1s}", r"line 4, lenght: .*Did you mean 'length'\?"),
        (FRAMES + "  - {em: sad,\n     length: soon}", "line 5, length: expected .*found 'soon'"),
        (FRAMES + "  - {em: sadd, length: 1s}", r"line 4, em: there is no 'sadd'.*Did you mean 'sad'\?"),
        (FRAMES + "  - {id_scale: 2, length: 1s}", "line 4, id_scale: there is no such key"),
        (FRAMES.replace("em:", "length: 1s, em:"), "line 3, length: the first keyframe has none"),
        (FRAMES.replace("em:", "ease: in, em:"), "line 3, ease: the first keyframe has none"),
        (FRAMES + "  - {em: sad, length: 1s, ease: inout}", r"line 4, ease: .*Did you mean 'in-out'\?"),
        ("mode: drunk\nnum_images: 3\nease: in", "line 3, ease: belongs to mode interpolate"),
        (FRAMES + "  - {length: 600000}\n" * 2, "line 2, keyframes: 1,200,001 frames in all"),
        ("mode: single\nmode: random", "line 2: 'mode' comes a second time"),
    ],
)  # fmt: skip
def test_mistakes_are_named_by_file_line_and_key(tmp_path, text, message):
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises(FacegenError, match=message) as raised:
        script.read(path, Echo())
    assert str(raised.value).startswith(str(path))


@pytest.mark.parametrize(
    "content, message",
    [
        ({"Smilling": True}, r"Smilling: there is no such key. Did you mean 'Smiling'\?"),
        ({"Smiling": "maybe"}, "Smiling: expected a number, on or off, found 'maybe'"),
        ({"Smiling": 2}, "Smiling: Smiling is 2: expected on, off, or a number from 0"),
        ({"attributes": "Smilling"}, r"attributes: there is no 'Smilling'.*Did you mean 'Smiling'\?"),
        ({"noise": "seven"}, "noise: expected a whole number, 0 or larger, found 'seven'"),
        ({"em": "happy"}, "em: there is no such key: this model reads no emotion"),
        ({10**5000: 1}, "a number of thousands of digits: there is no such key"),
    ],
)
def test_mistakes_in_a_mapping_are_named_by_key(content, message):
    with pytest.raises(FacegenError, match=f"^parameters, {message}"):
        script.parse({"mode": "single", **content}, CELEBA, normal)


def test_only_a_mapping_is_a_script():
    with pytest.raises(FacegenError, match="expected a mapping"):
        script.parse(["mode"], RAFD)


# properties

WORDS = ["happy", "sad+happy", "0.5*sad", "1+3", "30 -10", "2s", "none", "on", "NM", "Smiling", "in-out"]
KEYS = "ease id em or ps lt attributes Smiling noise min max id_min em_scale or_step constrained fps seed"

numbers = st.integers() | st.floats() | st.integers(-2, 9) | st.floats(-3, 3)
phrases = st.sampled_from(WORDS)
values = st.recursive(
    numbers | phrases | st.text(max_size=5) | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(phrases | st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
keys = st.sampled_from(KEYS.split())
keyframes = st.lists(st.dictionaries(keys | st.just("length"), values, max_size=3), max_size=3)
entries = st.dictionaries(keys | st.text(max_size=4), values, max_size=4)
modes = st.fixed_dictionaries(
    {"mode": st.sampled_from(script.MODES) | values},
    optional={"num_images": st.integers(1, 40) | values, "keyframes": keyframes | values},
)
models = st.sampled_from([(RAFD, None), (YALE, None), (JAFFE, None), (CELEBA, normal), (CELEBA, uniform)])


@examples
@given(entries, modes, models)
def test_any_mapping_ends_in_rows_or_a_facegen_error(entries, mode, model):
    names, noise = model
    try:
        parsed = script.parse({**entries, **mode}, names, noise)
    except FacegenError:
        return
    expected = {name: len(columns) for name, columns in names.items()}
    for frames in islice(parsed.frames(16), 3):
        assert {name: frames[name].shape[1] for name in names} == expected
        assert all(np.isfinite(values).all() for values in frames.values())


@examples
@given(st.sampled_from(sorted(PARAMS.iterdir())), st.integers(0, 900), st.text(max_size=4), st.integers(0, 4))
def test_a_slip_of_the_pen_ends_in_rows_or_a_facegen_error(path, place, slip, lost):
    text = path.read_text()
    text = text[:place] + slip + text[place + lost :]
    try:
        parsed = script.parse(yaml.parse(text, "p.yaml"), RAFD, source="p.yaml")
    except FacegenError as error:
        assert str(error).startswith("p.yaml")
    else:
        assert len(next(parsed.frames())["emotion"]) == min(64, parsed.count)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["random", "drunk"]),
    st.booleans(),
    st.floats(-2, 2, width=32),
    st.floats(0, 2, width=32),
    st.floats(0, 3),
    st.integers(0, 99),
)
def test_every_number_of_every_mixture_is_within_its_bounds(mode, constrained, low, room, scale, seed):
    content = {"mode": mode, "constrained": constrained, "num_images": 20, "seed": seed, "em_scale": scale}
    frames = rows({**content, "min": low, "max": low + room})
    for name in ("identity", "emotion"):
        assert frames[name].min() >= low - 1e-6 and frames[name].max() <= low + room + 1e-6
