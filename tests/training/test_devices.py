"""Several devices and several processes learn what one device learns; one that is lost ends them all."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tiny

from facegen.training import checkpoints, devices, trainer
from facegen.utils.errors import FacegenError

TESTS = Path(__file__).resolve().parents[1]
QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"  # to compile
KINDS = ("deconv", "gan")
LONGEST = 1800  # seconds, on a machine that has much else to do

pytestmark = pytest.mark.timeout(LONGEST)


class Group:
    """Starts processes on JAX that find what others have compiled already.

    Args:
        folder: where each has one of its own, under its name.
    """

    def __init__(self, folder: Path):
        self.folder, self.running = folder, []

    def start(self, name: str, backend: str = "jax", virtual: int = 1, environ: dict | None = None, **told):
        own = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        own |= {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
        own |= {"XLA_FLAGS": f"{QUICK} --xla_force_host_platform_device_count={virtual}"}
        own |= {"JAX_COMPILATION_CACHE_DIR": str(self.folder / "compiled")}
        own |= {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
        told = {"kinds": KINDS, "out": str(self.folder / name), **told}
        child = subprocess.Popen(
            [sys.executable, str(TESTS / "many.py"), json.dumps(told)],
            env={**os.environ, **own, **(environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append(child)
        return child

    def hosts(self, *told: dict) -> list[subprocess.Popen]:
        """As many processes on 127.0.0.1, that are one group."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        common = {devices.ADDRESSES: f"127.0.0.1:{port}", devices.PROCESSES: str(len(told))}
        return [
            self.start(f"{one.pop('name')}{i}", environ={**common, devices.PROCESS: str(i)}, **one)
            for i, one in enumerate(told)
        ]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for child in self.running:
            child.kill()
            child.communicate()


def ended(child: subprocess.Popen, status: int = 0) -> str:
    """What a process has said, once it has ended as it should."""
    said, _ = child.communicate(timeout=LONGEST)
    assert child.returncode == status, said[-3000:]
    return said


@pytest.fixture(scope="module")
def group(tmp_path_factory):
    with Group(tmp_path_factory.mktemp("devices")) as group:
        ended(group.start("one"))
        yield group


def assert_same(group: Group, name: str, kind: str, reference: str = "one", exactly: bool = False) -> None:
    """Losses and all state are those of one device, as far as sums in another order can be the same."""
    (rows, state), (true_rows, true_state) = (
        (
            json.loads((group.folder / who / f"{kind}.json").read_text()),
            np.load(group.folder / who / f"{kind}.npz"),
        )
        for who in (name, reference)
    )
    for row, true in zip(rows, true_rows, strict=True):
        # shares of faces are no sums: one whose score is 1e-6 beside the fence may fall to either side of it
        told, true_told = (of.pop("told", 0) for of in (row, true))
        assert told == pytest.approx(true_told, abs=1.01 / 80)  # one of 40 real, 40 drawn
        assert {**row, "seconds": 0} == pytest.approx({**true, "seconds": 0}, rel=1e-4, abs=1e-5)
    assert state.files == true_state.files
    for key in state.files:
        # a bias in front of a batch norm has no gradient but rounding's, and Adam makes steps of its full
        # rate out of that: up to 2e-4 in each of the few steps
        np.testing.assert_allclose(state[key], true_state[key], rtol=1e-4, atol=6e-4, err_msg=key)


def test_two_devices_learn_what_one_learns(group):
    ended(group.start("two", virtual=2, devices=2))
    for kind in KINDS:
        assert_same(group, "two", kind)


def test_two_processes_stop_together_and_learn_what_one_learns(group):
    """The second one is interrupted; both save and go on, from a checkpoint that only the first one has."""
    for child in group.hosts({"name": "host"}, {"name": "host", "stops": True}):
        assert ended(child).count("Stopped after 1 of 2 epochs and 0 steps; all is saved") == len(KINDS)
    for kind in KINDS:
        assert_same(group, "host0", kind)
        assert_same(group, "host1", kind)
        assert (group.folder / "host0" / kind / "model" / "model.json").is_file()
    assert [
        path for path in (group.folder / "host1").rglob("*") if path.suffix not in (".json", ".npz")
    ] == []


@pytest.mark.parametrize("dying", [0, 1])
def test_a_process_that_dies_ends_the_others_and_one_device_goes_on(group, dying):
    told = [{"name": f"dead{dying}", "kinds": ["gan"], "dies": i == dying} for i in range(2)]
    children = group.hosts(*told)
    ended(children[dying], 9)
    said, _ = children[1 - dying].communicate(timeout=LONGEST)
    assert children[1 - dying].returncode != 0
    assert "facegen: Another of the 2 processes is no longer" in said or "another of the 2 was" in said
    assert "checkpoint" in said and "on one device" in said
    first = group.folder / f"dead{dying}0"
    assert checkpoints.found(first / "gan" / "checkpoints")[-1].name >= "000000-00000002.npz"
    ended(group.start(first.name, kinds=["gan"]))
    assert_same(group, first.name, "gan")


def test_tensorflow_mirrors_what_it_computes_the_same(group):
    ended(group.start("tf2", "tensorflow", kinds=["today"], devices=2, tensorflow=True))
    ended(group.start("tf1", "tensorflow", kinds=["today"]))
    assert_same(group, "tf2", "today", "tf1")
    refused = json.loads((group.folder / "tf2" / "refused.json").read_text())
    assert "TensorFlow would compute this GAN differently" in refused["gan"]
    assert "TensorFlow would compute this Deconv differently" in refused["deconv"]
    assert "Keras 3 does not train under TensorFlow's" in refused["today"]


def test_devices_that_are_not_there():
    with (
        pytest.raises(FacegenError, match=r"999 devices: expected a number from 1 to \d+ \("),
        devices.use(999),
    ):
        pass


@pytest.mark.parametrize("given", [{}, {devices.PROCESSES: "2"}])
def test_hosts_need_all_three_variables_and_jax(monkeypatch, given):
    for name, value in {devices.ADDRESSES: "127.0.0.1:1", **given}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(FacegenError, match=rf"not .*{devices.PROCESS}: expected all three"), devices.use():
        pass
    for name in devices.SETTINGS:
        monkeypatch.setenv(name, "1")
    with pytest.raises(FacegenError, match="on JAX only, and this is tensorflow"), devices.use():
        pass


def test_torch_has_one_device(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with devices.use():
        assert devices.count() == 1
    with (
        pytest.raises(FacegenError, match=r"2 devices: .*this is torch: set KERAS_BACKEND=jax"),
        devices.use(2),
    ):
        pass


def test_a_batch_that_cannot_be_divided(tmp_path, monkeypatch):
    model, batches = tiny.deconv()
    monkeypatch.setattr(devices, "_check_strategy", lambda model: 3)
    with pytest.raises(
        FacegenError, match=r"A batch of 8 cannot be divided among 3 devices: .*, 6 for example"
    ):
        trainer.train(model, batches, 1, tmp_path, progress=False)
    assert not any(tmp_path.iterdir())


def test_the_parts_of_a_batch_are_the_whole_batch():
    batches = tiny.data()
    (whole,) = batches.epoch(1)[2]
    parts = [batches.epoch(1, 2, part, 4)[0][0] for part in range(4)]
    for name, rows in whole.items():
        np.testing.assert_array_equal(np.concatenate([part[name] for part in parts]), rows)
