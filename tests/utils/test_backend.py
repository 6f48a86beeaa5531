"""Settings of a machine: the networks are the same whatever its keras.json says, or one line says why not."""

import json
import os
import platform
import re
import subprocess
import sys

import pytest

from facegen import cli
from facegen.utils import backend

DRAW = """
import numpy as np, keras, facegen
from facegen import conditions
model = facegen.load("clay-deconv")
rows = conditions.encode(model.names, {"identity": "01", "emotion": "happy", "orientation": 45})
print(int(model.draw(rows).astype("int64").sum()), {v.dtype for v in model.weights})
"""

WITHOUT_TORCH = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "torch" else find(name, *rest)
from facegen.cli import main
sys.exit(main())
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


@pytest.mark.parametrize(
    ("saved", "environment", "told"),
    [
        ({"backend": "theano"}, {}, "keras.json: expected a backend of Keras, .* found 'theano'"),
        (
            {"backend": "jax"},
            {"KERAS_BACKEND": "tf"},
            "KERAS_BACKEND: expected a backend of Keras, .* found 'tf'",
        ),
        ({}, {"KERAS_BACKEND": "numpy"}, "expected a backend .* found 'numpy'"),  # it cannot train
        ({"backend": "torch"}, {}, "'torch', which is not installed: pip install torch"),
        ({"floatx": "int8"}, {}, "Keras does not start: .+ Its settings stand in .*keras.json"),
        ({"epsilon": 1}, {}, "Keras does not start: .+ Its settings stand in .*keras.json"),
        ([], {}, r"keras.json: expected settings of Keras in braces, found \[\]"),
    ],
)
def test_what_keras_cannot_start_with_is_one_line(tmp_path, saved, environment, told):
    (tmp_path / "keras.json").write_text(json.dumps(saved))
    (tmp_path / "p.yaml").write_text("mode: single\nSmiling: on\n")
    words = ["generate", "-m", "clay-gan", "-o", str(tmp_path / "o"), "-f", str(tmp_path / "p.yaml")]
    done = python("-c", WITHOUT_TORCH, *words, home=tmp_path, **environment)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and re.search(told, done.stderr), done.stderr


def test_no_panel_is_opened_that_cannot_draw(monkeypatch, caplog):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    assert cli.main(["panel", "clay-gan", "--no-browser", "--port", "0"]) == 1
    assert "found 'theano'" in caplog.text


def test_settings_that_keras_does_not_read_are_none(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    backend.check()
    (tmp_path / "keras.json").write_text("{")
    backend.check()


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="left to TensorFlow elsewhere")
@pytest.mark.parametrize(("chosen", "used"), [({}, True), ({"TF_ENABLE_ONEDNN_OPTS": "0"}, False)])
def test_tensorflow_uses_onednn_on_every_processor_unless_told_not_to(tmp_path, chosen, used):
    kept = {name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"}
    kept |= {"KERAS_HOME": str(tmp_path), "TF_CPP_MIN_LOG_LEVEL": "0", **chosen}
    words = [sys.executable, "-c", "import facegen, tensorflow"]
    done = subprocess.run(words, env=kept, capture_output=True, text=True, check=True)
    assert ("oneDNN custom operations are on" in done.stderr) == used
