"""Settings of a machine: the networks are the same whatever its keras.json says, or one line says why not."""

import json
import os
import subprocess
import sys

import pytest

DRAW = """
import numpy as np, keras, facegen
from facegen import conditions
model = facegen.load("clay-deconv")
rows = conditions.encode(model.names, {"identity": "01", "emotion": "happy", "orientation": 45})
print(int(model.draw(rows).astype("int64").sum()), {v.dtype for v in model.weights})
"""


def python(*words, home, **environment) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    environment = {**kept, "KERAS_HOME": str(home), "TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, check=False
    )


def test_channels_first_and_half_precision_change_nothing(tmp_path):
    usual, other = tmp_path / "usual", tmp_path / "other"
    usual.mkdir(), other.mkdir()
    config = {"backend": "tensorflow", "image_data_format": "channels_first", "floatx": "float16"}
    (other / "keras.json").write_text(json.dumps({**config, "epsilon": 1e-3}))
    expected, drawn = (python("-c", DRAW, home=home) for home in (usual, other))
    assert expected.returncode == 0, expected.stderr
    assert drawn.stdout == expected.stdout
    said = [line for line in drawn.stderr.splitlines() if line.startswith("facegen:")]
    assert [line.split()[3] for line in said] == ["image_data_format", "floatx", "epsilon"]


@pytest.mark.parametrize("backend", ["theano", "torch", "tf"])
def test_a_backend_that_is_not_there_is_one_line(tmp_path, backend):
    if backend == "torch":
        hidden = tmp_path / "torch.py"  # wherever it happens to be installed
        hidden.write_text("raise ModuleNotFoundError(\"No module named 'torch'\")")
    (tmp_path / "p.yaml").write_text("mode: single\nSmiling: on\n")
    command = "from facegen.cli import main; import sys; sys.exit(main())"
    words = ["generate", "-m", "clay-gan", "-o", str(tmp_path / "o"), "-f", str(tmp_path / "p.yaml")]
    done = python("-c", command, *words, home=tmp_path, KERAS_BACKEND=backend, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and done.stderr.startswith("facegen: Keras does not start")
    assert "KERAS_BACKEND" in done.stderr and len(done.stderr.splitlines()) == 1
