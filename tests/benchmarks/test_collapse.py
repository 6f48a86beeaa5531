"""The strip and the log of a long training."""

import json
import sys

import numpy as np
from PIL import Image

from benchmarks import collapse


def test_a_training_becomes_a_strip_and_a_log(tmp_path, monkeypatch):
    run, out = tmp_path / "run", tmp_path / "out"
    (run / "samples").mkdir(parents=True)
    out.mkdir()
    for epoch in range(21):
        Image.fromarray(np.full((40, 40, 3), 10 * epoch, "uint8")).save(run / "samples" / f"{epoch:04d}.png")
    lines = ["epoch,seconds,d_loss,g_loss,d_real,d_fake,spread,told"]
    lines += [f"{epoch},9.5,0.69{epoch:02d},0.7,0.5,0.5,0.2,0.1" for epoch in range(1, 21)]
    (run / "log.csv").write_text("\n".join(lines))
    monkeypatch.setattr(sys, "argv", ["collapse.py", str(run), "-o", str(out)])
    collapse.main()
    made = json.loads((out / "collapse.json").read_text())
    assert [row["epoch"] for row in made["rows"]] == [*range(1, 21)]
    assert made["rows"][4] == {
        "epoch": 5,
        "d_loss": 0.691,
        "g_loss": 0.7,
        "d_real": 0.5,
        "d_fake": 0.5,
        "spread": 0.2,
    }
    strip = np.asarray(Image.open(out / "collapse.jpg"))
    assert strip.shape[1] > 3 * collapse.SIDE and strip[-30, 30].mean() < strip[-30, -30].mean()
