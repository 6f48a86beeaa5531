"""Pictures: everything is where it belongs, and files are whole or not there."""

import base64
import html

import imageio_ffmpeg
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image, ImageFont

from facegen.utils.errors import FacegenError
from facegen.viz import plots, video


def flat(*levels, shape=(8, 6, 3)):
    return np.stack([np.full(shape, level, "uint8") for level in levels])


def test_a_sheet_puts_every_picture_in_its_place():
    sheet = np.asarray(plots.contact_sheet(flat(10, 20, 30, 40, 50), columns=3, side=16, gap=2))
    assert sheet.shape == (2 * 18 - 2, 3 * 14 - 2, 3)
    for i, level in enumerate((10, 20, 30, 40, 50)):
        y, x = i // 3 * 18, i % 3 * 14
        assert (sheet[y : y + 16, x : x + 12] == level).all()
    assert (sheet[18:, 28:] == 255).all()  # the place of a sixth


def test_large_pictures_are_reduced_to_the_side_asked_for():
    images = flat(10, 200, shape=(40, 30, 3))
    images[:, :20] = 90
    sheet = np.asarray(plots.contact_sheet(images, columns=2, side=20, gap=2))
    assert sheet.shape == (20, 2 * 17 - 2, 3)
    assert (sheet[:8, :15] == 90).all() and (sheet[12:, :15] == 10).all() and (sheet[12:, 17:] == 200).all()
    assert plots.contact_sheet(images, columns=2, gap=0).size == (
        120,
        80,
    )  # as ever, where no side is asked for
    assert plots.reduced(flat(5, shape=(40, 30, 1)), 20).shape == (1, 20, 15, 1)


def test_labels_take_room_beside_and_above_and_not_on_the_pictures():
    plain = plots.contact_sheet(flat(0, 0), columns=2)
    labelled = plots.contact_sheet(flat(0, 0), columns=2, top=["a", "b"], left=["row"], titles=["x", "y"])
    assert labelled.width > plain.width and labelled.height > plain.height
    ink = np.asarray(labelled)[:15]
    assert (ink < 255).any() and (np.asarray(labelled)[-40:, -40:] == 0).all()


def test_long_titles_take_several_lines_and_lose_nothing():
    font = ImageFont.load_default(size=11)
    words = "Arched Eyebrows, Attractive, Bags Under Eyes"
    lines = plots.wrapped(words, font, 90).split("\n")
    assert " ".join(lines) == words and all(font.getlength(line) < 90 for line in lines)
    assert plots.wrapped("Incomprehensibilities at all", font, 60).endswith("\nat all")
    for place in ("titles", "top"):
        one, two = (plots.contact_sheet(flat(0, 0), side=88, **{place: [text, "b"]}) for text in ("a", words))
        assert two.height == one.height + video.LINE * plots.wrapped(words, font, 66).count("\n")


SEEN = 'Two "black" & empty pictures.'


@pytest.mark.parametrize(
    "picture",
    [
        lambda: plots.contact_sheet(flat(0, 0), alt=SEEN),
        lambda: plots.framed(Image.new("RGB", (8, 8)), (1, 1, 5, 5), alt=SEEN),
        lambda: plots.bars({"a": 1.0}, "t", alt=SEEN),
        lambda: plots.lines({"a": ([1], [2])}, "t", "x", alt=SEEN),
        lambda: plots.curves([{"epoch": 1, "a": 2}], {"t": ["a"]}, alt=SEEN),
        lambda: plots.dots({"a": {"b": 1.0}}, "t", alt=SEEN),
        lambda: plots.heat(np.eye(2), "ab", "t", alt=SEEN),
    ],
    ids=["sheet", "framed", "bars", "lines", "curves", "dots", "heat"],
)
def test_a_picture_says_what_is_to_be_seen(picture):
    """As IPython asks for it: the picture itself, the text beside it, and an element with both."""
    data, about = InteractiveShell.instance().display_formatter.format(picture())
    assert data["text/plain"] == SEEN and about["image/png"] == {"alt": SEEN}
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert f'alt="{html.escape(SEEN)}"' in data["text/html"] and data["image/png"] in data["text/html"]


def test_a_film_says_what_is_to_be_seen(tmp_path):
    assert (
        f'aria-label="{html.escape(SEEN)}"'
        in video.write_mp4(flat(1), tmp_path / "a.mp4", alt=SEEN)._repr_html_()
    )
    assert (
        f'alt="{html.escape(SEEN)}"' in video.write_gif(flat(1), tmp_path / "a.gif", alt=SEEN)._repr_html_()
    )


def test_lines_of_a_chart_differ_without_colour():
    rows = [{"epoch": 1, **dict.fromkeys("abcdefg", 1.0)}]
    curves = plots.curves(rows, {"t": "abcdefg"}, up=["grey levels"]).axes[0]
    lines = plots.lines({name: ([1], [1]) for name in "abcdefg"}, "t", "x", up="grey levels").axes[0]
    for axis in (curves, lines):
        assert len({(line.get_linestyle(), line.get_marker()) for line in axis.lines}) == 7
        assert axis.get_ylabel() == "grey levels"


def test_grey_pictures_are_shown_too():
    assert (np.asarray(plots.contact_sheet(flat(90, shape=(8, 8, 1)), gap=0)) == 90).all()


@pytest.mark.parametrize(
    "images", [np.zeros((2, 4, 4, 3)), np.zeros((4, 4, 3), "uint8"), np.zeros((0, 4, 4, 3), "uint8")]
)
def test_what_is_no_set_of_pictures_is_refused(images):
    with pytest.raises(FacegenError, match="uint8"):
        plots.contact_sheet(images)


def test_floats_become_bytes():
    dabs = [np.full((1, 2, 2, 3), 0.5), np.full((1, 4, 4, 3), 7.0)]
    images = plots.to_bytes(dabs, side=8)
    assert images.shape == (2, 8, 8, 3) and images.dtype == np.uint8
    assert (images[0] == 128).all() and (images[1] == 255).all()


def test_a_strip_shows_the_first_and_the_last_sheet_and_more_of_the_beginning(tmp_path):
    for i in range(10):
        Image.new("RGB", (20, 20), (i * 20,) * 3).save(tmp_path / f"{i:04d}.png")
    strip = np.asarray(plots.strip(tmp_path, most=4))
    assert strip.shape[1] == 4 * 100 + 3 * 8
    assert strip[60, 50::108, 0].tolist() == [0, 20, 60, 180]  # the middle of each
    two = np.asarray(plots.strip(tmp_path, most=4, columns=2, side=40))
    assert two.shape[0] > two.shape[1] * 0.9 and two.shape[1] == 2 * 40 + 8
    with pytest.raises(FacegenError, match="No sample sheets"):
        plots.strip(tmp_path / "elsewhere")


def test_numbers_at_growing_distances_are_few_and_end_where_they_should():
    for count, most in ((1, 5), (2, 2), (9, 2), (9, 3), (61, 8), (4, 100)):
        chosen = plots.doubling(count, most)
        assert len(chosen) <= most and chosen[-1] == count - 1 and chosen == sorted(set(chosen))
        assert most < 2 or chosen[0] == 0


def test_curves_and_bars_draw_what_they_are_given():
    rows = [{"epoch": 1, "loss": 3.0, "score": 0.1}, {"epoch": 2, "loss": 1.0, "score": 0.4}]
    left, right = plots.curves(rows, {"a": ["loss"], "b": ["score"]}, logarithmic=True).axes
    np.testing.assert_array_equal(left.lines[0].get_xydata(), [[1, 3], [2, 1]])
    assert left.get_yscale() == "log" and right.get_title() == "b"
    (axis,) = plots.bars({"one": 1.0, "two": 2.0}, "title", {"mark": 1.5}).axes
    assert [bar.get_width() for bar in axis.patches] == [1, 2]
    assert axis.lines[0].get_xdata()[0] == 1.5


def test_a_film_holds_its_frames(tmp_path):
    frames = flat(*range(0, 250, 25), shape=(9, 7, 3))
    film = video.write_mp4(frames, tmp_path / "films" / "f.mp4", fps=10, side=64)
    reader = imageio_ffmpeg.read_frames(str(film.path))
    about = next(reader)
    width, height = about["size"]
    assert (width, height) == (48, 62) and about["fps"] == 10
    levels = [np.frombuffer(frame, "uint8").mean() for frame in reader]
    np.testing.assert_allclose(levels, frames.mean(axis=(1, 2, 3)), atol=4)
    assert film._repr_html_().startswith("<video") and "autoplay" not in film._repr_html_()
    assert [p.name for p in film.path.parent.iterdir()] == ["f.mp4"]


def test_an_interrupted_film_leaves_the_old_one(tmp_path):
    path = video.write_mp4(flat(1, 2), tmp_path / "f.mp4").path
    before = path.read_bytes()

    def broken():
        yield flat(1)[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        video.write_mp4(broken(), path)
    with pytest.raises(FacegenError, match="differ in size"):
        video.write_mp4([flat(1)[0], flat(1, shape=(20, 20, 3))[0]], path)
    with pytest.raises(FacegenError, match="No frames"):
        video.write_mp4([], path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["f.mp4"]


def test_png_round_trip():
    import io

    for shape in ((5, 4, 3), (5, 4, 1)):
        image = np.random.default_rng(0).integers(0, 256, shape, dtype="uint8")
        np.testing.assert_array_equal(
            np.asarray(Image.open(io.BytesIO(video.png(image)))).reshape(shape), image
        )


def test_a_gif_holds_its_frames_and_repeats(tmp_path):
    frames = flat(*range(0, 250, 25), shape=(9, 7, 3))
    frames[:, :4, :, 0] = 255  # more than grey
    made = video.write_gif(frames, tmp_path / "films" / "f.gif", fps=10, side=64)
    with Image.open(made.path) as image:
        assert (image.n_frames, image.size, image.info["loop"], image.info["duration"]) == (
            10,
            (48, 62),
            0,
            100,
        )
        for i, frame in enumerate(frames):
            image.seek(i)
            seen = np.asarray(image.convert("RGB")).astype(int)
            assert np.abs(seen[[5, -5]][:, 5] - frame[[0, -1], 0]).max() <= 8
    shown = made._repr_html_()
    assert "(prefers-reduced-motion: reduce)" in shown and '<img alt="" src="data:image/gif;' in shown
    assert [p.name for p in made.path.parent.iterdir()] == ["f.gif"]


def gif_frames(path):
    with Image.open(path) as image:
        for i in range(image.n_frames):
            image.seek(i)
            yield image.info["duration"], np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("fps, kept, duration", [(20, 12, 50), (30, 6, 70), (24, 6, 80), (60, 4, 50)])
def test_a_gif_drops_frames_that_come_too_fast(tmp_path, fps, kept, duration):
    frames = flat(*range(0, 240, 20), shape=(16, 12, 3))
    seen = [*gif_frames(video.write_gif(iter(frames), tmp_path / "f.gif", fps=fps).path)]
    assert len(seen) == kept and abs(np.mean([time for time, _ in seen]) - duration) <= 5
    step = len(frames) // kept
    for (_, pixels), frame in zip(seen, frames[::step], strict=True):
        assert np.abs(pixels[8, 6] - frame[8, 6]).max() <= 8


def test_a_gif_stores_what_changes(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype="uint8")
    still = [noise.copy() for _ in range(20)]
    for i, frame in enumerate(still):
        frame[30:34, 30:34] = 12 * i
    sizes = [
        video.write_gif(iter(still[:n]), tmp_path / f"{n}.gif", fps=10, side=64).path.stat().st_size
        for n in (1, 20)
    ]
    assert sizes[1] < 1.5 * sizes[0]


def test_a_large_gif_is_warned_of(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(video, "GIF_LARGE", 100)
    video.write_gif(flat(1, 200), tmp_path / "f.gif")
    assert "f.gif has 0 MB; as .mp4 it would be far smaller" in caplog.text


def test_an_interrupted_gif_leaves_nothing(tmp_path):
    def broken():
        yield flat(1)[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        video.write_gif(broken(), tmp_path / "f.gif")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_label_stands_above_the_enlarged_picture(channels):
    frame = np.random.default_rng(0).integers(0, 256, (20, 16, channels), dtype="uint8")
    made = video.annotate(frame, ["identity 03", "a very long emotion that runs out of the picture"], side=60)
    assert made.shape == (60 + 2 * video.LINE, 48, channels) and made.dtype == np.uint8
    np.testing.assert_array_equal(made[2 * video.LINE :], frame.repeat(3, axis=0).repeat(3, axis=1))
    for line in (made[: video.LINE], made[video.LINE : 2 * video.LINE]):
        assert line.min() < 120 and line.max() == 255
    assert (video.annotate(frame, ["a"], 60) != video.annotate(frame, ["b"], 60)).any()
    assert video.annotate(frame, [], 20).shape == frame.shape


@pytest.mark.parametrize("extension", ["jpg", "png"])
@pytest.mark.parametrize("channels", [1, 3])
def test_numbered_pictures(tmp_path, extension, channels):
    frames = flat(0, 100, 200, shape=(8, 6, channels))
    assert video.write_frames(iter(frames), tmp_path / "a" / "b", extension) == 3
    paths = sorted((tmp_path / "a" / "b").iterdir())
    assert [path.name for path in paths] == [f"0000{i}.{extension}" for i in range(3)]
    for path, frame in zip(paths, frames, strict=True):
        seen = np.asarray(Image.open(path)).reshape(8, 6, channels).astype(int)
        assert np.abs(seen - frame).max() <= 2


def test_interrupted_pictures_are_whole_and_appear_while_they_are_drawn(tmp_path):
    def broken():
        yield flat(1)[0]
        yield flat(2)[0]
        assert [path.name for path in sorted(tmp_path.iterdir())] == ["00000.png", "00001.png"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        video.write_frames(broken(), tmp_path, "png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000.png", "00001.png"]


def test_lines_are_what_they_were_given():
    figure = plots.lines(
        {"a": ([1, 2], [3, 4]), "b": ([0, 5], [1, 10])}, "title", "seconds", logarithmic=True
    )
    (axis,) = figure.axes
    drawn = {line.get_label(): line.get_xydata().tolist() for line in axis.lines}
    assert drawn == {"a": [[1, 3], [2, 4]], "b": [[0, 1], [5, 10]]}
    assert axis.get_yscale() == "log" and axis.get_xlabel() == "seconds" and axis.get_title() == "title"
