"""Panels without a browser: every action draws once, the widgets tell the truth, and nothing raises."""

import asyncio
import io
import re
from datetime import UTC, datetime

import ipywidgets as widgets
import numpy as np
import pytest
from fuzz import examples
from hypothesis import given
from hypothesis import strategies as st
from panels import RAFD, deconv, flow, gan
from PIL import Image

from facegen import conditions, panel
from facegen.clay import population
from facegen.conditions import script
from facegen.conditions.attributes import EXCLUSIVE, GROUPS, NAMES, RELIABLE
from facegen.conditions.kinds import kind
from facegen.panel import elements
from facegen.panel.controls import MixSliders
from facegen.panel.pause import PAUSE
from facegen.utils.errors import FacegenError
from facegen.viz import video


@pytest.fixture(scope="module")
def models():
    return {"gan": gan(), "deconv": deconv()}


@pytest.fixture
def toggles(models):
    return counted(panel.for_model(models["gan"], seed=1))


@pytest.fixture
def mixer(models):
    return counted(panel.for_model(models["deconv"]))


def counted(made):
    """A panel that keeps what it has asked its model for."""
    draw, made.asked = made.quick.draw, []
    made.quick.draw = lambda inputs: (made.asked.append(inputs), draw(inputs))[1]
    return made


def shown(made):
    """The picture that the page shows, decoded."""
    return np.asarray(Image.open(io.BytesIO(made.picture.value)).convert("RGB"))


def on(made):
    return {name for name, toggle in made.toggles.items() if toggle.value}


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


# Toggles


def test_all_40_are_there_once_the_trustworthy_first(toggles):
    boxes = [w for w in walk(toggles) if isinstance(w, widgets.Checkbox) and w is not toggles.free]
    assert len(boxes) == 40 and {id(w) for w in boxes} == {id(w) for w in toggles.toggles.values()}
    order = [next(name for name, w in toggles.toggles.items() if w is box) for box in boxes]
    at = 0
    for names in GROUPS.values():
        group, at = order[at : at + len(names)], at + len(names)
        assert {*group} == {*names}
        sure = [name in RELIABLE for name in group]
        assert sure == sorted(sure, reverse=True)
    assert toggles.toggles["5_o_Clock_Shadow"].description == "5 o'Clock Shadow"


def test_a_toggle_draws_once_what_the_model_draws(models, toggles):
    before = shown(toggles)
    toggles.toggles["Smiling"].value = True
    assert len(toggles.asked) == 1
    row = np.array([[name in on(toggles) for name in NAMES]], "float32")
    assert row[0, NAMES.index("Smiling")] == 1 and row.sum() == 5
    drawn = models["gan"].draw({"attributes": row, "noise": models["gan"].sample_noise(1, seed=1)})[0]
    assert np.abs(shown(toggles).astype(int) - drawn).max() <= 1
    assert (shown(toggles) == toggles.image).all() and (shown(toggles) != before).any()
    assert re.fullmatch(r"face 2, drawn in \d+ ms", toggles.said) and toggles.said in toggles.status.value


def test_what_excludes_each_other_changes_places_in_one_drawing(toggles):
    toggles.toggles["Bald"].value = True
    assert len(toggles.asked) == 1 and on(toggles) == {"Bald", "No_Beard", "Young"}
    toggles.toggles["Blond_Hair"].value = True
    toggles.toggles["Mustache"].value = True
    assert len(toggles.asked) == 3 and on(toggles) == {"Blond_Hair", "Mustache", "Young"}


@pytest.mark.parametrize("press", ["reset", "new_face", "new_look"])
def test_a_button_draws_once_however_many_widgets_change(toggles, press):
    for name in ("Bald", "Smiling", "Male"):
        toggles.toggles[name].value = True
    toggles.free.value, toggles.truncation.value = True, 0.25
    toggles.asked.clear()
    getattr(toggles, press)()
    assert len(toggles.asked) == 1


def test_reset_keeps_the_face(toggles):
    first = toggles.picture.value
    toggles.seed.value = "9"
    toggles.set(Bald=1, Smiling=1)
    toggles.truncation.value = 0.5
    toggles.reset()
    assert toggles.seed.value == "9" and toggles.truncation.value == 1 and "Bald" not in on(toggles)
    toggles.seed.value = "1"
    assert toggles.picture.value == first


def test_the_same_seed_is_the_same_face(toggles):
    first = toggles.picture.value
    toggles.new_face()
    assert toggles.picture.value != first and toggles.seed.value != "1"
    assert on(toggles) == {"Brown_Hair", "No_Beard", "Straight_Hair", "Young"}
    toggles.seed.value = "1"
    assert toggles.picture.value == first


def test_a_new_look_keeps_the_noise_and_contradicts_itself_nowhere(toggles):
    for _ in range(20):
        toggles.new_look()
        assert toggles.seed.value == "1" and (toggles.asked[-1]["noise"] == toggles.asked[0]["noise"]).all()
        assert all(len(on(toggles) & {*group}) <= 1 for group in EXCLUSIVE)
    assert len({tuple(inputs["attributes"]) for inputs in toggles.asked}) > 10


@pytest.mark.parametrize("seed", range(200))
def test_looks_like_clays_never_exclude_themselves(seed):
    random = np.random.default_rng(seed)
    look = {name for name, value in population.anybody(random).items() if value}
    assert all(len(look & {*group}) <= 1 for group in EXCLUSIVE)


@pytest.mark.parametrize("text", ["abc", "-5", "1e400", "nan", "9" * 400, "", "<b>7"])
def test_what_is_no_seed_is_said_and_changes_nothing(toggles, text):
    before = toggles.picture.value
    toggles.seed.value = text
    assert "whole number" in toggles.said and 'role="alert"' in toggles.status.value
    assert "<b>" not in toggles.status.value
    assert toggles.seed.value == "1" and toggles.picture.value == before and not toggles.asked


def test_the_strength_of_one(toggles):
    toggles.chosen.value = "Blond_Hair"
    assert not toggles.asked
    toggles.strength.value = 0.25
    assert toggles.look.rows["attributes"][NAMES.index("Blond_Hair")] == np.float32(0.25)
    assert "Blond_Hair" not in on(toggles) and "Brown_Hair" in on(toggles)
    toggles.strength.value = 0.75
    assert "Blond_Hair" in on(toggles) and "Brown_Hair" not in on(toggles)
    toggles.chosen.value = "Brown_Hair"
    assert toggles.strength.value == 0.25 and len(toggles.asked) == 2
    assert len(toggles.strip.faces) == 2  # one drag is one face


def test_beyond_0_to_1_only_on_request(toggles):
    toggles.strength.value = 3
    assert toggles.strength.value == 1
    toggles.free.value = True
    toggles.strength.value = 3
    assert toggles.asked[-1]["attributes"][NAMES.index("Smiling")] == 3
    toggles.set(Smiling=-2)
    assert toggles.strength.value == -2
    toggles.free.value = False
    assert toggles.asked[-1]["attributes"][NAMES.index("Smiling")] == 0 and toggles.strength.min == 0
    toggles.set(Smiling=2)
    assert "Smiling: expected a number from 0 to 1, found 2" in toggles.said


def test_without_noise_all_seeds_are_one_face(toggles):
    toggles.truncation.value = 0.0
    first = toggles.picture.value
    toggles.new_face()
    assert toggles.picture.value == first
    toggles.truncation.value = 0.5
    assert np.allclose(toggles.asked[-1]["noise"], toggles.look.noise / 2)


def test_the_mean_of_uniform_noise_is_a_half():
    made = counted(panel.AttributePanel(gan(centred=False)))
    made.truncation.value = 0.0
    assert (made.asked[-1]["noise"] == 0.5).all()


def test_several_at_once_and_names_that_are_none(toggles):
    toggles.set(Smiling=1, Male=1, Young=0)
    assert len(toggles.asked) == 1 and {"Smiling", "Male"} <= on(toggles) and "Young" not in on(toggles)
    toggles.set(Smiling=0, Cheerful=1)
    assert "Cheerful: this model reads" in toggles.said and "Smiling" in on(toggles)


def test_a_network_without_noise_has_toggles_too():
    made = counted(panel.for_model(deconv({"attributes": ["Bald", "Smiling", "Wavy_Hair", "Tall"]})))
    made.toggles["Tall"].value = True
    made.new_look()
    assert len(made.asked) == 2 and {*made.asked[0]} == {"attributes"}
    assert made.seed not in [*walk(made)]


def test_a_model_that_reads_something_else_is_refused(models):
    with pytest.raises(FacegenError, match="use ConditionPanel"):
        panel.AttributePanel(models["deconv"])


def test_people_and_emotions_of_a_flow_keep_their_noise():
    names = {"identity": ["1", "2"], "emotion": ["happy", "neutral"]}
    made = counted(panel.for_model(flow(names), seed=3))
    made.set(emotion="happy")
    made.somebody()
    noise = made.model.sample_noise(1, 3)[0]
    assert len(made.asked) == 2
    assert all((asked["noise"] == noise).all() and {*asked} == {*names, "noise"} for asked in made.asked)


def test_the_toggles_of_a_flow_draw_new_faces():
    made = counted(panel.for_model(flow({"attributes": ["Bald", "Smiling"]})))
    made.toggles["Smiling"].value = True
    made.new_face()
    made.truncation.value = 0
    first, second, third = (asked["noise"] for asked in made.asked)
    assert (first != second).any() and not third.any()


# What both panels have


def test_one_of_the_last_faces_comes_back_with_all_its_controls(toggles):
    toggles.set(Bald=1)
    toggles.free.value = True
    toggles.strength.value = 2.5
    bald = toggles.picture.value
    toggles.reset()
    toggles.new_face()
    assert [thumb.description for thumb in toggles.thumbs[:6]] == ["6", "5", "4", "3", "2", "1"]
    assert toggles.thumbs[6].layout.display == "none"
    toggles.thumbs[2].click()
    assert toggles.picture.value == bald and "Bald" in on(toggles) and toggles.strength.value == 2.5
    assert len(toggles.strip.faces) == 6 and "facegen-now" in toggles.thumbs[2]._dom_classes
    toggles.thumbs[9].click()
    assert toggles.picture.value == bald


def test_a_morph_has_the_two_faces_at_its_ends(toggles):
    assert toggles.morph.disabled
    first = toggles.picture.value
    toggles.take("A")
    toggles.set(Male=1, Goatee=1)
    toggles.new_face()
    second = toggles.picture.value
    toggles.take("B")
    assert not toggles.morph.disabled and toggles.morph.value == 1
    toggles.morph.value = 0.5
    assert toggles.picture.value not in (first, second) and toggles.seed.value == ""
    assert toggles.look.rows["attributes"][NAMES.index("Male")] == 0.5
    faces = len(toggles.strip.faces)
    for t, picture in ((0.0, first), (1.0, second)):
        toggles.morph.value = t
        assert toggles.picture.value == picture
    assert len(toggles.strip.faces) == faces


def test_a_morph_without_its_ends_is_explained(toggles):
    toggles.morph.value = 0.5
    assert "A morph needs two faces" in toggles.said


def test_the_link_has_the_picture_in_its_own_size(toggles):
    toggles.new_face()
    address = re.search(r'download="face-2.png" href="([^"]+)"', toggles.link.value)[1]
    assert address == elements.address(toggles.picture.value) and shown(toggles).shape == (16, 16, 3)
    assert toggles.picture.layout.width == toggles.picture.layout.height == "320px"


def test_a_slider_is_not_told_the_last_digit_of_what_it_has_sent(toggles, mixer):
    """Or a browser sends it again, and so on, while it is held."""
    sliders = [mixer.controls["orientation"].dials[0].degrees, mixer.controls["emotion"].sliders[1]]
    sliders += [toggles.strength]
    for slider, sent in zip(sliders, (-77.49999999999999, 0.35, 0.35), strict=True):
        slider.value = sent
        assert slider.value == sent


@pytest.mark.parametrize("low, high, step", [(0, 1e6, 1e4), (1.7e9, 1.7e9 + 86400, 1e3), (0, 1e-3, 1e-5)])
def test_a_slider_shows_what_python_sets_whatever_its_range(low, high, step):
    slider = elements.slider("Number", low, "any", low, high, step)
    sent = slider.value = low + (high - low) * 0.123456789
    elements.show(slider, float(np.float32(sent)))
    assert slider.value == sent
    for share in (0.3, 0.3001, 0.9):
        elements.show(slider, low + (high - low) * share)
        assert slider.value == pytest.approx(
            low + (high - low) * share, rel=0, abs=2e-6 * (high - low) + 1.2e-7 * high
        )


def test_while_a_slider_moves_only_its_picture_follows(mixer):
    degrees, link, seen = mixer.controls["orientation"].dials[0].degrees, mixer.link.value, set()

    async def drag():
        for angle in (10, 20, 30):
            degrees.value = angle
            seen.add(mixer.picture.value)
            assert mixer.link.value == link and "orientation 0" in mixer.text.value
        await asyncio.sleep(2 * PAUSE)

    asyncio.run(drag())
    assert len(seen) == 3 and elements.address(mixer.picture.value) in mixer.link.value
    assert mixer.text.value.endswith("orientation 30") and mixer.now.look is mixer.look


def test_what_waits_for_a_pause_is_shown_at_once_after_another_action(mixer, monkeypatch):
    shown, show = [], mixer.pause.act
    monkeypatch.setattr(mixer.pause, "act", lambda: (show(), shown.append(mixer.link.value)))

    async def drag_and_press():
        mixer.controls["orientation"].dials[0].degrees.value = 20
        assert not shown
        mixer.somebody()
        assert len(shown) == 1 and elements.address(mixer.picture.value) in shown[0]
        await asyncio.sleep(2 * PAUSE)

    asyncio.run(drag_and_press())
    assert len(shown) == 1


def test_saving_overwrites_nothing_unless_told_to(toggles, tmp_path):
    path = toggles.save(tmp_path / "a.png")
    assert (np.asarray(Image.open(path)) == toggles.image).all()
    toggles.new_face()
    with pytest.raises(FacegenError, match="is there already"):
        toggles.save(path)
    toggles.save(path, overwrite=True)
    assert (np.asarray(Image.open(path)) == toggles.image).all()
    with pytest.raises(FacegenError, match="cannot be written"):
        toggles.save(tmp_path / "none" / "a.png")
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_an_error_of_the_model_is_said_and_the_widgets_go_back(toggles):
    def fail(inputs):
        raise MemoryError("no room for <this>")

    toggles.quick.draw = fail
    before = toggles.picture.value
    toggles.toggles["Bald"].value = True
    assert toggles.said == "MemoryError: no room for <this>" and "&lt;this&gt;" in toggles.status.value
    assert "Bald" not in on(toggles) and toggles.picture.value == before


def test_two_panels_on_a_page_do_not_mix_their_pictures(models):
    one, two = (panel.for_model(models["gan"]) for _ in range(2))
    assert one.css != two.css and one.css in one.backgrounds.value and two.css not in one.backgrounds.value


def test_every_control_has_a_name_and_a_hint(toggles, mixer):
    kinds = (widgets.Button, widgets.Checkbox, widgets.FloatSlider, widgets.Dropdown, widgets.Text)
    for made in (toggles, mixer):
        controls = [w for w in walk(made) if isinstance(w, kinds)]
        hints = [w.tooltip if w.has_trait("tooltip") else w.description_tooltip for w in controls]  # 8, 7
        assert len(hints) > 20 and all(hints)


def test_the_picture_is_told_in_words(toggles, mixer):
    toggles.set(Smiling=1, Young=0)
    said = sorted(toggles.text.value.partition(": ")[2].split(", "))
    assert said == ["Brown Hair", "No Beard", "Smiling", "Straight Hair"]
    mixer.controls["orientation"].dials[0].degrees.value = -45
    assert mixer.text.value.endswith("orientation -45")


def test_only_core_widgets(toggles, mixer):
    for widget in (*walk(toggles), *walk(mixer)):
        assert widget._model_module in ("@jupyter-widgets/controls", "@jupyter-widgets/base")
        assert not isinstance(widget, widgets.Output)


# A picture of one's own


def choose(made, content):
    """As a browser does when somebody has chosen a file."""
    button = next(w for w in walk(made.upload) if isinstance(w, widgets.FileUpload))
    assert button.tooltip and button.accept == "image/*" and not button.multiple
    file = {"name": "me.png", "type": "image/png", "size": len(content), "content": memoryview(content)}
    button.value = ({**file, "last_modified": datetime.now(UTC)},)
    assert button.value == ()  # the same file may be chosen again


def test_a_picture_sets_the_controls_to_what_draws_it(models, mixer):
    picture = models["deconv"].generate(identity="07", emotion="sad", orientation=41)[0]
    choose(mixer, video.png(picture))
    assert len(mixer.asked) == 1 and (shown(mixer) == mixer.image).all()
    assert np.abs(mixer.image.astype(int) - picture).mean() < 1.5
    sliders = dict(zip(RAFD["emotion"], mixer.controls["emotion"].sliders, strict=True))
    assert {name for name, slider in sliders.items() if slider.value > 0.5} == {"sad"}
    assert mixer.controls["orientation"].dials[0].degrees.value == pytest.approx(41, abs=2)
    assert re.fullmatch(r"face 2: as near to the picture as the model comes, \d+\.\d dB", mixer.said)


def test_a_picture_sets_toggles_and_noise(models, toggles):
    toggles.free.value, toggles.truncation.value = True, 0.25
    picture = models["gan"].generate("Smiling+Male", seed=5)[0]
    found = toggles.load(picture)
    assert np.abs(toggles.image.astype(int) - found.image).max() <= 1
    assert on(toggles) == {name for name, value in found.words["attributes"].items() if value > 0.5}
    assert toggles.seed.value == "" and toggles.truncation.value == 1 and not toggles.free.value
    np.testing.assert_array_equal(toggles.asked[-1]["noise"], found.inputs["noise"][0])


def test_a_search_says_how_far_it_is(mixer, monkeypatch):
    heard = []
    monkeypatch.setattr("facegen.panel.base.time.monotonic", lambda: float(len(heard)))
    mixer.status.observe(lambda event: heard.append(event["new"]), "value")
    tell = mixer._telling()
    heard.append("half a second later")
    tell(0.25, 21.04)
    assert "looking for what draws the picture: 25%, 21.0 dB" in heard[-1]
    tell(0.26, 21.04)
    assert mixer.said.endswith("26%, 21.0 dB")


def test_what_is_no_picture_is_said_and_changes_nothing(mixer):
    before = mixer.picture.value
    choose(mixer, b"no picture")
    assert "is no picture of a known format" in mixer.said and 'role="alert"' in mixer.status.value
    assert mixer.picture.value == before and not mixer.asked and mixer.load("nowhere.png") is None


def test_consent_and_the_mark_are_spoken_of(mixer):
    said = " ".join(w.value for w in walk(mixer.upload) if isinstance(w, widgets.HTML))
    assert "agrees" in said and "synthetic" in said


# Conditions


def test_a_mixture_has_unit_length_unless_it_is_free(models, mixer):
    sliders = dict(zip(RAFD["emotion"], mixer.controls["emotion"].sliders, strict=True))
    assert sliders["neutral"].value == 1
    sliders["happy"].value = 1.0
    assert np.allclose(
        mixer.asked[-1]["emotion"], conditions.vector("emotion", RAFD["emotion"], "happy+neutral")
    )
    inputs = {name: row[None] for name, row in mixer.asked[-1].items()}
    assert np.abs(shown(mixer).astype(int) - models["deconv"].draw(inputs)[0]).max() <= 1
    mixer.free.value = True
    sliders["happy"].value = -2
    assert mixer.asked[-1]["emotion"].tolist() == [0, -2, 1, 0]
    mixer.free.value = False
    assert mixer.asked[-1]["emotion"].tolist() == [0, 0, 1, 0] and sliders["happy"].min == 0


def test_somebody_must_be_left(mixer):
    before = mixer.picture.value
    mixer.controls["emotion"].sliders[2].value = 0.0
    assert "has no direction: expected weights that do not cancel out" in mixer.said
    assert mixer.controls["emotion"].sliders[2].value == 1 and mixer.picture.value == before


def test_the_wheel_turns(mixer):
    dial = mixer.controls["orientation"].dials[0]
    dial.steps[2].click()
    assert np.allclose(mixer.asked[-1]["orientation"], conditions.direction(45), atol=1e-6)
    assert dial.degrees.value == 45 and dial.label.value == "45°"
    assert [k for k, step in enumerate(dial.steps) if "facegen-now" in step._dom_classes] == [2]
    dial.degrees.value = -90
    assert np.allclose(mixer.asked[-1]["orientation"], [-1, 0], atol=1e-6) and len(mixer.asked) == 2
    assert [k for k, step in enumerate(dial.steps) if "facegen-now" in step._dom_classes] == [12]


def test_the_radius_shows_only_off_the_circle(mixer):
    dial = mixer.controls["orientation"].dials[0]
    assert dial.radius.layout.display == "none"
    mixer.free.value = True
    assert dial.radius.layout.display is None
    dial.degrees.value = 90
    dial.radius.value = 2.5
    assert np.allclose(mixer.asked[-1]["orientation"], [2.5, 0], atol=1e-6)
    mixer.free.value = False
    assert np.allclose(mixer.asked[-1]["orientation"], [1, 0], atol=1e-6)


def test_two_angles_have_two_wheels():
    names = {"lighting": ["sin azimuth", "cos azimuth", "sin elevation", "cos elevation"]}
    made = counted(panel.for_model(deconv(names)))
    made.controls["lighting"].dials[1].steps[4].click()
    assert np.allclose(made.asked[-1]["lighting"], [0, 1, 1, 0], atol=1e-6)


def test_many_people_take_turns_on_few_seats(mixer):
    people = mixer.controls["identity"]
    assert len(people.sliders) == 3 and [s.value for s in people.sliders] == [1, 0, 0]
    people.choices[0].value = 7
    assert mixer.look.rows["identity"].tolist() == [0] * 7 + [1] + [0] * 4
    people.sliders[1].value = 0.5
    people.choices[1].value = 7  # sits on another seat: they change places
    assert people.seats == [1, 7, 2] and mixer.look.rows["identity"][[7, 1]].tolist() == [0.5, 1]
    assert [choice.value for choice in people.choices] == [1, 7, 2]
    assert len(mixer.asked) == 3


def test_whoever_has_weight_has_a_seat():
    heard = []
    people = kind("identity", [str(i) for i in range(20)])
    mix = MixSliders(people, lambda change, source: heard.append(change))
    row = np.zeros(20, "float32")
    row[[4, 11, 19]] = 0.5, -1, 0.2
    mix.show(row, free=True)
    assert sorted(mix.seats) == [4, 11, 19]
    assert {seat: slider.value for seat, slider in zip(mix.seats, mix.sliders, strict=True)} == {
        4: 0.5, 11: -1.0, 19: pytest.approx(0.2),
    }  # fmt: skip


def test_somebody_is_somebody(mixer):
    for _ in range(10):
        mixer.somebody()
    assert len(mixer.asked) == 10
    for asked in mixer.asked:
        assert all(np.linalg.norm(row) == pytest.approx(1, abs=1e-5) for row in asked.values())
    assert len({tuple(asked["identity"]) for asked in mixer.asked}) > 3


LIT = {"lighting": ["sin azimuth", "cos azimuth", "sin elevation", "cos elevation"]}
AGED = {"numbers": ["age", "height", "constant"], "emotion": ["happy", "sad"], "attributes": ["beard"]}
SPAN = {"numbers": [[18, 80], [1.5, 2.25], [7, 7]]}


def test_a_morph_goes_the_way_of_a_film():
    made = counted(panel.for_model(deconv({**RAFD, **LIT})))
    ends = [
        {"identity": "01+02", "emotion": "happy", "orientation": -90, "lighting": "0 0"},
        {"identity": "03", "emotion": "sad+neutral", "orientation": 90, "lighting": "90 60"},
    ]
    for end, request in zip("AB", ends, strict=True):
        made.set(**request)
        made.take(end)
    film = script.parse(
        {"mode": "interpolate", "keyframes": [ends[0], {**ends[1], "length": 4}]}, made.model.names
    )
    for i, t in enumerate([0.25, 0.5, 0.75], 1):
        made.morph.value = t
        for name, row in made.asked[-1].items():
            np.testing.assert_allclose(row, next(film.frames())[name][i], atol=1e-6, err_msg=name)
    assert made.asked[-2]["orientation"].tolist() == pytest.approx([0, 1], abs=1e-6)


def test_numbers_have_sliders_over_their_own_range():
    made = counted(panel.for_model(deconv(AGED, ranges=SPAN)))
    age, height, constant = made.controls["numbers"].sliders
    assert [(s.min, s.max, s.value) for s in (age, height, constant)] == [
        (18, 80, 49),
        (1.5, 2.25, 1.875),
        (7, 7, 7),
    ]
    age.value = 45
    assert made.asked[-1]["numbers"].tolist() == [45, 1.875, 7]
    made.set(age=30, beard="on", emotion="sad")
    assert made.asked[-1]["numbers"].tolist() == [30, 1.875, 7]
    assert made.asked[-1]["attributes"].tolist() == [1] and made.asked[-1]["emotion"].tolist() == [0, 1]
    made.set(age=81)
    assert "age is 81: expected a number from 18 to 80" in made.said and age.value == 30
    made.set(size=1)
    assert made.said == "size: this model reads numbers, emotion, attributes."
    made.free.value = True
    assert (age.min, age.max) == (18 - 2 * 62, 18 + 3 * 62)
    made.set(age=81)
    assert made.asked[-1]["numbers"][0] == 81
    made.free.value = False
    assert made.asked[-1]["numbers"][0] == 80 and (age.min, age.max) == (18, 80)
    for _ in range(20):
        made.somebody()
        assert 18 <= made.asked[-1]["numbers"][0] <= 80 and made.asked[-1]["numbers"][2] == 7


def test_conditions_may_be_called_as_words_of_parameter_files_are():
    names = {"mode": ["day", "night"], "self": ["x", "y"], "numbers": ["seed", "length"]}
    made = counted(panel.for_model(deconv(names, ranges={"numbers": [(1, 9), (2, 4)]})))
    made.set(mode="night", self="y", seed=7, length=3)
    asked = {name: row.tolist() for name, row in made.asked[-1].items()}
    assert asked == {"mode": [0, 1], "self": [0, 1], "numbers": [7, 3]}


# Whatever anybody does


NUMBERS = st.floats(width=64) | st.sampled_from([0.0, 0.5, 1.0, 1e30, -1e30, float("nan"), float("inf")])
TEXTS = st.text(max_size=12) | st.sampled_from(["1e400", "-1", "nan", "9" * 30]) | st.integers().map(str)


def controls(made):
    """Everything that can be used, in the order of the page."""
    kinds = (widgets.Button, widgets.Checkbox, widgets.FloatSlider, widgets.Dropdown, widgets.Text)
    return [w for w in walk(made) if isinstance(w, kinds)]


def use(control, data):
    if isinstance(control, widgets.Button):
        control.click()
    elif isinstance(control, widgets.Checkbox):
        control.value = not control.value
    elif isinstance(control, widgets.Dropdown):
        control.index = data.draw(st.integers(0, len(control.options) - 1))
    else:
        control.value = data.draw(TEXTS if isinstance(control, widgets.Text) else NUMBERS)


def truthful(made):
    """The page shows a whole picture of the look, and the controls agree with it."""
    assert (shown(made) == made.image).all() and made.said
    assert all(np.isfinite(row).all() for row in made.look.rows.values())
    assert np.isfinite([w.value for w in controls(made) if isinstance(w, widgets.FloatSlider)]).all()


@pytest.fixture(scope="module", params=["gan", "deconv"])
def used(request, models):
    return panel.for_model(models[request.param])


@examples
@given(data=st.data())
def test_whatever_is_pressed_and_typed_there_is_a_picture_or_a_message(used, data):
    things = controls(used)
    for i in data.draw(st.lists(st.integers(0, len(things) - 1), min_size=1, max_size=6)):
        use(things[i], data)
        assert "Error" not in used.said, used.said  # an exception that nobody has foreseen
        truthful(used)
    if hasattr(used, "toggles") and not used.look.free:
        assert all(len(on(used) & {*group}) <= 1 for group in EXCLUSIVE)
