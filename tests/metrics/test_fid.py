"""Folders that are written for other libraries, scored by torch-fidelity in features of our own: no download.

Only where the extra `fid` is installed, which brings PyTorch: `pip install -e ".[fid]"`.
"""

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")
torch_fidelity = pytest.importorskip("torch_fidelity")

import facegen  # noqa: E402
from facegen import clay, metrics  # noqa: E402
from facegen.metrics import fidelity  # noqa: E402
from facegen.models.gan import GAN  # noqa: E402

BLOCK = 8  # pixels of a side: fewer features than pictures


def blocks(pictures):
    """The mean grey of each block, (n, channels * blocks), of pictures (n, channels, height, width)."""
    n, channels, height, width = pictures.shape
    parts = pictures.reshape(n, channels, height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return parts.mean((3, 5)).reshape(n, -1)


class Blocks(torch_fidelity.FeatureExtractorBase):
    """`blocks`, as torch-fidelity wants it in Inception's place."""

    def __init__(self, name, features_list, **_):
        super().__init__(name, features_list)

    @staticmethod
    def get_provided_features_list():
        return ("blocks",)

    @staticmethod
    def get_default_feature_layer_for_metric(metric):
        return "blocks"

    @staticmethod
    def can_be_compiled():
        return False

    def forward(self, pictures):
        return (blocks(pictures.double() / 255),)


@pytest.mark.timeout(300)
def test_torch_fidelity_reads_the_folders_and_agrees(tmp_path):
    people = facegen.read(clay.celeba(tmp_path / "set", 150, progress=False))
    gan = GAN(people.names, size=16, width=2, discriminator_width=2)
    metrics.write_pictures(gan, people, tmp_path, progress=False)
    torch_fidelity.register_feature_extractor("blocks", Blocks)
    features = []
    for kind in ("drawn", "real"):
        pictures = np.stack([np.asarray(Image.open(path)) for path in sorted((tmp_path / kind).iterdir())])
        features.append(blocks(pictures.transpose(0, 3, 1, 2) / 255))
    given = {"feature_extractor": "blocks", "cuda": False, "verbose": False, "cache": False}
    given |= {"kid_subsets": 1, "kid_subset_size": len(features[0])}
    scores = torch_fidelity.calculate_metrics(
        input1=str(tmp_path / "drawn"), input2=str(tmp_path / "real"), fid=True, kid=True, **given
    )
    assert scores["frechet_inception_distance"] == pytest.approx(fidelity.frechet(*features), rel=1e-6)
    assert scores["kernel_inception_distance_mean"] == pytest.approx(fidelity.kernel_distance(*features))
