"""Training: `fit`, with what a training of hours needs beside it.

`trainer` has `train`; its `callbacks` keep `checkpoints`, logs and sheets; `recipes` say how a network is
compiled; `diagnosis` warns, `resources` reckons memory and disk, `devices` and `precision` say where and
how it computes.
"""

from facegen.utils import lazy

__getattr__, __dir__ = lazy.exports(__name__, {"train": "trainer"})
