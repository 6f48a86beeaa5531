"""The pixel cache: right pixels, decoded once, never half a file."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import folders
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import facegen
from facegen.data import pixels as module
from facegen.data.pixels import crop_box, load_pixels
from facegen.utils.errors import FacegenError


@pytest.fixture
def celeba(tmp_path):
    """12 pictures with something to see in each."""
    folder = folders.celeba(tmp_path / "celeba")
    for i, path in enumerate(sorted((folder / "img_align_celeba").iterdir())):
        scene(i, (178, 218)).save(path, quality=92)
    return folder


@pytest.fixture
def decoded(monkeypatch):
    """The rows that are decoded from now on."""
    rows, resized = [], module.resized

    def counting(faces, row, shape):
        rows.append(row)
        return resized(faces, row, shape)

    monkeypatch.setattr(module, "resized", counting)
    monkeypatch.setattr(module, "BLOCK", 1)  # one row a block
    return rows


def scene(seed, size):
    """A picture with soft and sharp edges."""
    coarse = np.random.default_rng(seed).integers(0, 256, (7, 6, 3), np.uint8)
    picture = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    ImageDraw.Draw(picture).ellipse((40, 60, 90, 110), (240, 30, 20))
    return picture


def quiet(faces, size=64, **options):
    return load_pixels(faces, size, progress=False, **options)


def files(folder, ending="npy"):
    return sorted(folder.glob(f".facegen/*.{ending}"))


def test_celebas_square_is_rows_20_to_198(celeba):
    faces = facegen.read(celeba)
    array = quiet(faces)
    assert (array.shape, array.dtype) == ((12, 64, 64, 3), np.uint8)
    for row in range(12):
        with Image.open(celeba / faces.paths[row]) as picture:
            boxes = [(0, top, 178, top + 178) for top in (20, 18, 22)]
            shown = [picture.resize((64, 64), Image.Resampling.LANCZOS, box) for box in boxes]
        off, *others = (np.abs(array[row] - np.asarray(x, int)).mean() for x in shown)
        assert off < 0.7 and off < min(others)  # grey levels: it is decoded at half its size


def test_rafds_window_at_any_width(tmp_path):
    names = "Rafd090_01_Caucasian_female_happy_frontal.png", "Rafd090_02_Caucasian_male_happy_frontal.png"
    for name, width in zip(names, (681, 227), strict=True):
        scene(1, (681, 1024)).resize((width, round(width * 1024 / 681))).save(tmp_path / name)
    faces = facegen.read(tmp_path)
    large, small = quiet(faces, (80, 64)).astype(int)
    with Image.open(tmp_path / names[0]) as picture:
        box = (24, 48, 657, 839.25)
        expected = np.asarray(picture.resize((64, 80), Image.Resampling.LANCZOS, box), int)
    assert abs(large - expected).max() <= 1
    assert abs(small - expected).mean() < 2


def test_large_jpegs_are_decoded_smaller_with_little_difference(tmp_path):
    folder = folders.own(tmp_path, "file,age\na.jpg,1\nb.png,1\n", ("a.jpg", "b.png"))
    for name in ("a.jpg", "b.png"):
        scene(2, (640, 800)).save(folder / name, **({"quality": 95} if name == "a.jpg" else {}))
    jpeg, full = quiet(facegen.read(folder), (160, 128)).astype(int)
    assert abs(jpeg - full).mean() < 1.5


sides = st.integers(1, 2000)
edge = st.floats(0, 0.4)


@settings(deadline=None)  # the machine may be busy
@given(sides, sides, edge, edge, edge, edge, st.tuples(st.integers(1, 600), st.integers(1, 600)))
def test_the_window_has_the_sizes_aspect_and_is_as_large_as_the_crop_lets_it(
    width, height, left, top, right, bottom, shape
):
    crop = (left, top, 1 - right, 1 - bottom)
    box = crop_box(width, height, crop, shape)
    outer = np.array(crop) * [width, height, width, height]
    slack = 1e-6 * max(width, height)
    assert (box[0] >= outer[0] - slack) and (box[1] >= outer[1] - slack)
    assert (box[2] <= outer[2] + slack) and (box[3] <= outer[3] + slack)
    wide, high = box[2] - box[0], box[3] - box[1]
    assert wide * shape[0] == pytest.approx(high * shape[1], rel=1e-6)
    assert wide == pytest.approx(outer[2] - outer[0]) or high == pytest.approx(outer[3] - outer[1])
    np.testing.assert_allclose(
        [box[0] + box[2], box[1] + box[3]], [outer[0] + outer[2], outer[1] + outer[3]], rtol=1e-6
    )


def test_any_program_can_read_the_file_and_nobody_can_write_to_the_array(celeba):
    array = quiet(facegen.read(celeba), (20, 16))
    assert isinstance(array, np.memmap)
    np.testing.assert_array_equal(np.load(files(celeba)[0]), array)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 0


def test_no_picture_is_decoded_twice(celeba, decoded):
    faces = facegen.read(celeba)
    first = quiet(faces)
    assert sorted(decoded) == list(range(12))
    np.testing.assert_array_equal(quiet(facegen.read(celeba)), first)
    quiet(faces.hold_out(0.5, seed=0))
    assert len(decoded) == 12


def test_another_size_crop_or_picture_is_another_file(celeba):
    faces = facegen.read(celeba)
    first = quiet(faces).copy()
    quiet(faces, 32)
    quiet(replace(faces, crop=(0, 0, 0.5, 1)))
    assert len(files(celeba)) == 3
    changed = celeba / faces.paths[7]
    before = changed.stat()
    scene(99, (178, 218)).save(changed)
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    second = quiet(facegen.read(celeba))
    assert [row for row in range(12) if (first[row] != second[row]).any()] == [7]


def test_a_zip_gives_the_same_pixels_and_keeps_them_beside_it(celeba):
    expected = quiet(facegen.read(celeba)).copy()
    shutil.make_archive(str(celeba / "img_align_celeba"), "zip", celeba, "img_align_celeba")
    shutil.rmtree(celeba / "img_align_celeba")
    shutil.rmtree(celeba / ".facegen")
    np.testing.assert_array_equal(quiet(facegen.read(celeba)), expected)
    assert len(files(celeba)) == 1


def test_grey(celeba):
    faces = replace(facegen.read(celeba), channels=1)
    array = quiet(faces, (40, 24))
    assert array.shape == (12, 40, 24, 1)
    luma = quiet(facegen.read(celeba), (40, 24)) @ [0.299, 0.587, 0.114]
    assert abs(array[..., 0] - luma).mean() < 1


def test_parts_are_taken_from_the_whole(celeba, decoded):
    faces = facegen.read(celeba).hold_out(0.5, seed=0)
    whole = quiet(faces)
    for name in ("train", "validation", "test"):
        part = faces.part(name)
        np.testing.assert_array_equal(quiet(part), whole[part.rows])
        assert isinstance(quiet(part), np.memmap)
    np.testing.assert_array_equal(quiet(faces.select([3, 1, 1])), whole[[3, 1, 1]])
    np.testing.assert_array_equal(quiet(faces.part("validation").select([1])), whole[[9]])
    assert len(decoded) == 12
    assert len(files(celeba)) == 4  # whole, train, test, three chosen: consecutive rows are a view


def test_a_part_alone_does_not_decode_the_rest(celeba, decoded):
    faces = facegen.read(celeba)
    few = quiet(faces.select([7, 2]))
    assert len(decoded) == 2
    np.testing.assert_array_equal(few, quiet(faces)[[7, 2]])


def test_where_the_cache_lies(celeba, tmp_path, monkeypatch):
    faces = facegen.read(celeba)
    monkeypatch.setenv("FACEGEN_CACHE", str(tmp_path / "set"))
    quiet(faces)
    quiet(faces, cache=tmp_path / "given")
    assert len([*(tmp_path / "set").glob("*.npy")]) == len([*(tmp_path / "given").glob("*.npy")]) == 1
    assert not (celeba / ".facegen").exists()


def test_a_folder_that_cannot_be_written(celeba):
    (celeba / "file").write_text("no folder")
    with pytest.raises(FacegenError, match=r"file.*cannot be written.*FACEGEN_CACHE"):
        quiet(facegen.read(celeba), cache=celeba / "file")


def test_a_full_disk_is_noticed_first(celeba, monkeypatch, decoded):
    usage = shutil.disk_usage(celeba)._replace(free=10_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(FacegenError, match=r"need about .* MB, 0\.0 MB are free.*FACEGEN_CACHE"):
        quiet(facegen.read(celeba))
    assert not decoded and not files(celeba, "part")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_disk_that_fills_up_meanwhile(celeba):
    faces = facegen.read(celeba)
    (celeba / ".facegen").mkdir()
    part = module._path(celeba / ".facegen", faces, (12, 64, 64, 3)).with_suffix(".part")
    part.symlink_to("/dev/full")
    with pytest.raises(FacegenError, match=r"cannot be written.*FACEGEN_CACHE"):
        quiet(faces)
    assert not files(celeba)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8\xff\xe0 cut off"])
def test_a_broken_picture_names_itself_and_leaves_nothing(celeba, content):
    faces = facegen.read(celeba)
    (celeba / faces.paths[8]).write_bytes(content)
    with pytest.raises(FacegenError, match=r"000009\.jpg"):
        quiet(faces)
    assert not files(celeba) and not files(celeba, "part")


def test_a_damaged_cache_is_named(celeba):
    faces = facegen.read(celeba)
    quiet(faces)
    (path,) = files(celeba)
    os.truncate(path, 5000)
    with pytest.raises(FacegenError, match=f"{path.name}.*delete it"):
        quiet(faces)


@pytest.mark.parametrize("size", [0, (64, -1)])
def test_sizes_that_are_none(celeba, size):
    with pytest.raises(FacegenError, match="at least one pixel"):
        quiet(facegen.read(celeba), size)


def test_an_interrupted_build_goes_on_where_it_was(celeba, decoded, monkeypatch):
    faces = facegen.read(celeba)
    expected = quiet(faces, cache=celeba / "other").copy()
    decoded.clear()
    counting = module.resized

    def interrupted(faces, row, shape):
        if row == 7:
            raise KeyboardInterrupt
        return counting(faces, row, shape)

    monkeypatch.setattr(module, "resized", interrupted)
    with pytest.raises(KeyboardInterrupt):
        quiet(faces, workers=1)
    assert not files(celeba) and len(files(celeba, "part")) == 1
    monkeypatch.setattr(module, "resized", counting)
    decoded.clear()
    np.testing.assert_array_equal(quiet(faces, workers=1), expected)
    assert decoded == list(range(6, 12))  # the last row written is made again
    assert not files(celeba, "part")


@pytest.mark.parametrize("keep", [0, 50, 128, 128 + 3 * 12288 + 77, 128 + 13 * 12288])
def test_whatever_a_crash_leaves_behind_the_result_is_right(celeba, keep, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 12288)
    faces = facegen.read(celeba)
    array = quiet(faces).copy()
    (path,) = files(celeba)
    content = path.read_bytes()[:keep]
    path.unlink()
    lost = 12288 if keep > 12288 else 0  # what was written last may be anything
    path.with_suffix(".part").write_bytes(content[: len(content) - lost] + bytes(lost))
    np.testing.assert_array_equal(quiet(faces), array)


def test_a_beginning_that_was_lost_in_a_crash_is_not_built_upon(celeba, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 12288)
    faces = facegen.read(celeba)
    array = quiet(faces).copy()
    (path,) = files(celeba)
    path.unlink()
    path.with_suffix(".part").write_bytes(bytes(128 + 5 * 12288))
    np.testing.assert_array_equal(quiet(faces), array)


CHILD = """
import sys, time
import facegen
from facegen.data import pixels
fast = pixels.resized
def slow(faces, row, shape):
    time.sleep(0.05)
    return fast(faces, row, shape)
pixels.resized, pixels.BLOCK = slow, 1
pixels.load_pixels(facegen.read(sys.argv[1]), 64, workers=1, progress=False)
"""


def test_a_killed_build_leaves_nothing_that_looks_whole(celeba):
    expected = quiet(facegen.read(celeba), cache=celeba / "other").copy()
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(celeba)])
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size > 3 * 12288 for path in files(celeba, "part")):
        assert child.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not files(celeba) and len(files(celeba, "part")) == 1
    (celeba / ".facegen" / "pixels-9x9x3-0123456789abcdef.part").write_bytes(b"left by another")
    np.testing.assert_array_equal(quiet(facegen.read(celeba)), expected)
    assert len(files(celeba)) == 1 and not files(celeba, "part")


def test_of_two_builders_one_waits_for_the_other(celeba, decoded, capsys):
    faces = facegen.read(celeba)
    results = []
    builders = [threading.Thread(target=lambda: results.append(load_pixels(faces, 64))) for _ in range(2)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert len(decoded) == 12 and len(files(celeba)) == 1 and not files(celeba, "part")
    np.testing.assert_array_equal(*results)


def test_a_builder_in_another_process_is_waited_for(celeba, decoded):
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(celeba)])
    while not files(celeba, "part"):
        assert child.poll() is None
        time.sleep(0.01)
    array = quiet(facegen.read(celeba))
    assert child.wait() == 0 and not decoded
    assert len(array) == 12
