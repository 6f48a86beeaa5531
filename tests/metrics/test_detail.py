"""SSIM is that of its authors; sharpness falls with every blur."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from facegen.metrics import detail
from facegen.utils.errors import FacegenError


def pictures(count=3, shape=(24, 20, 3)):
    random = np.random.default_rng(0)
    rough = random.integers(0, 256, (count, *shape), dtype="uint8")
    smooth = [Image.fromarray(np.squeeze(x)).filter(ImageFilter.GaussianBlur(1.5)) for x in rough]
    return np.stack([np.asarray(x) for x in smooth]).reshape(count, *shape)


@pytest.mark.parametrize("channels", [1, 3])
def test_ssim_is_that_of_tensorflow(channels):
    import tensorflow as tf

    truth = pictures(shape=(24, 20, channels))
    noise = np.random.default_rng(1).normal(0, 12, truth.shape)
    images = np.clip(truth + noise, 0, 255).astype("uint8")
    expected = tf.image.ssim(tf.constant(images), tf.constant(truth), max_val=255)
    np.testing.assert_allclose(detail.ssim(images, truth), expected, atol=1e-4)
    assert 0.2 < expected[0] < 0.95
    np.testing.assert_allclose(detail.ssim(truth, truth), 1)


def test_pictures_that_cannot_be_compared_are_refused():
    with pytest.raises(FacegenError, match=r"11 pixels or larger: found \(10, 20, 3\)"):
        detail.ssim(pictures(shape=(10, 20, 3)), pictures(shape=(10, 20, 3)))
    with pytest.raises(FacegenError, match="one shape"):
        detail.ssim(pictures(2), pictures(3))


def test_sharpness_falls_with_every_blur():
    face = np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype="uint8")
    blurred = [np.asarray(Image.fromarray(face).filter(ImageFilter.GaussianBlur(r))) for r in (0, 0.5, 1, 2)]
    values = detail.sharpness(np.stack(blurred))
    assert (np.diff(values) < -1).all()
    np.testing.assert_array_equal(detail.sharpness(np.full((2, 8, 8, 1), 7, "uint8")), 0)


def test_a_single_bright_pixel_is_counted_by_hand():
    image = np.zeros((1, 5, 5, 1), "uint8")
    image[0, 2, 2] = 100  # differs by 100; its four neighbours by 25 each, over nine inner pixels
    assert detail.sharpness(image)[0] == pytest.approx(np.sqrt((100**2 + 4 * 25**2) / 9))
