"""What is measured, and how fast it should be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Benchmark:
    """One entry of the report.

    Attributes:
        where: module and function that measure it.
        title: of its section.
        text: what is compared, for the reader of docs/benchmarks.md.
    """

    where: str
    title: str
    text: str


BENCHMARKS = {
    "gan": Benchmark(
        "training:gan",
        "A training step of the attribute GAN",
        "64x64 pixels, gf = df = 64, batches of 64 clay faces, reading included, one optimizer step of "
        "both players. *original A* is the loop of 2020: `predict`, a resize for each picture, "
        "`train_on_batch` twice. Its batch is half real, half false, so its discriminator sees half as "
        "many photographs. Its reader skips all that it has read before: the first batches, measured "
        "here, are its cheapest. *keras.io* is the `train_step` of keras.io's DCGAN example on the same "
        "networks, which draws two batches of fakes a step. *facegen* is `facegen.models.gan.GAN` with the "
        "original's settings, trained by `fit`; where the machine has units for it, "
        "also in bfloat16. The PyTorch tutorial's step runs on its own networks (2 % "
        "of the arithmetic), for its rate.",
    ),
    "tutorial": Benchmark(
        "training:tutorial",
        "The networks of PyTorch's DCGAN tutorial",
        "64x64, width 64, batches of 64 from memory. The same networks, losses and optimizers in "
        "facegen's way (one model, one backward pass, `fit`), in PyTorch as the tutorial has it, and in "
        "PyTorch with the channels last.",
    ),
    "deconv4": Benchmark(
        "training:deconv4",
        "A training step of the deconvolution network, 4 layers",
        "160x128 pixels, 57 people, batches of 16, Adam, mean squared logarithmic error. *original B* is "
        "the network as written: upsample, then convolve with 5x5 at full size.",
    ),
    "deconv5": Benchmark(
        "training:deconv5",
        "A training step of the deconvolution network, 5 layers",
        "The same at 320x256.",
    ),
    "folding": Benchmark(
        "choices:folding",
        "The layer that grows pictures, in several forms",
        "Upsample by two and convolve, forwards and backwards, batches of 16: `UpsampleConv2D` as written, "
        "and computed on the small image, where the taps that read one pixel are added up first. For 5x5, "
        "also two forms with still fewer multiplications (`benchmarks/forms.py`): 25 for four pixels from "
        "differences of neighbours, 16 by Winograd, instead of 36, and 100 as written. The numbers are the "
        "same.",
    ),
    "choices": Benchmark(
        "choices:choices",
        "Other ways to compute a training step",
        "Both networks at the size of the course and at the original's, on TensorFlow: in float32, compiled "
        "by XLA, with `steps_per_execution=4`, and in bfloat16 (`facegen train --precision bfloat16`).",
    ),
    "engines": Benchmark(
        "choices:engines",
        "Other engines",
        "A step of the course's networks at laptop scale, in fresh processes in turn: TensorFlow as it comes "
        "(oneDNN, a thread per core), without oneDNN, on one thread, and JAX.",
    ),
    "memory": Benchmark(
        "holding:memory",
        "Memory for RaFD at 320x256",
        "2,280 pictures of 681x1024, from the folder to three trained batches of 16 with 5 layers; each "
        "in a process of its own, the most it held at once. Original B keeps all pictures as float64 and "
        "gives the array to `fit`. Of ours, the pixels are a mapped file, counted as far as it was read.",
    ),
    "tables": Benchmark(
        "reading:tables",
        "CelebA's tables",
        "Text files of 202,599 rows. *pandas* reads the 40 attributes as whole numbers and checks nothing; "
        "ours reads every cell as text, checks and converts it, reads partitions and identities as well, "
        "and joins them with the pictures by name.",
    ),
    "cache": Benchmark(
        "reading:cache",
        "The pixel cache, first pass",
        "JPEGs to uint8 pixels. *Pillow* decodes, crops and resizes the same windows (bicubic, its "
        "default) in one process per core that runs already, and keeps the array in memory; ours "
        "(Lanczos) also checks each file and writes the cache to the disk, in threads. The last column is "
        "how far the pixels are from those of the whole picture, decoded and resized by Lanczos.",
    ),
    "batches": Benchmark(
        "reading:batches",
        "Batches, later passes",
        "Shuffled batches out of a memory-mapped uint8 array. NumPy indexes the array with the same rows; "
        "ours gives the conditions as well.",
    ),
    "waiting": Benchmark(
        "waiting:waiting",
        "Whether a training waits for its batches",
        "The smallest steps of the course: a GAN of 32x32 and width 16, batches of 32 out of a mapped file "
        "of 20,000 pictures, beside the same with a batch that is read once. While a step computes, the "
        "next batch is read; the last row is how long that takes.",
    ),
    "crowd": Benchmark(
        "reading:crowd",
        "From 2,000 to 202,599 pictures",
        "Folders in CelebA's format, of hard links to 256 clay faces, cached at 64x64; later opened in a "
        "fresh process, and the first batch of an epoch taken.",
    ),
    "latency": Benchmark(
        "drawing:latency",
        "One picture, from words to the bytes of a JPEG",
        "A 64x64 face of the GAN. *predict* is `keras.Model.predict`; *panel* is what a live panel does.",
    ),
    "renderer": Benchmark("drawing:renderer", "The renderer of clay", "Compiled before time is taken."),
    "imports": Benchmark("everyday:imports", "Imports", "Each in a fresh Python."),
    "notebooks": Benchmark("everyday:notebooks", "Notebooks", "When `make course` last ran, two at a time."),
    "video": Benchmark(
        "everyday:video",
        "Films",
        "A drunk walk of ten seconds, drawn by the network that comes with the course and encoded "
        "(benchmarks/video.py): drawn faster than it plays where *generated* is below *plays*.",
    ),
}


@dataclass(frozen=True)
class Bar:
    """A figure to be reached.

    Attributes:
        what: is measured.
        benchmark: whose result has it.
        ratio: name of the ratio there.
        least: that is asked for; a most where `lower` is better.
        aim: that is hoped for.
        lower: is better.
    """

    what: str
    benchmark: str
    ratio: str
    least: float
    aim: float
    lower: bool = False

    def reached(self, value: float) -> float:
        """The value as a multiple of what is asked for: 1 or more is enough."""
        return self.least / value if self.lower else value / self.least


# rivals compute in float32, as they were written; ours once in the same, and once in what pays where it does
BARS = (
    Bar("GAN step, 64x64: facegen / original A's loop", "gan", "images/s, facegen / original A", 2.5, 4),
    Bar("GAN step, 64x64: facegen / keras.io's step", "gan", "images/s, facegen / keras.io", 2.5, 4),
    Bar(
        "GAN step in bfloat16: facegen / original A",
        "gan",
        "images/s, facegen, bfloat16 / original A",
        2.5,
        4,
    ),
    Bar("GAN step in bfloat16: facegen / keras.io", "gan", "images/s, facegen, bfloat16 / keras.io", 2.5, 4),
    Bar(
        "GFLOP/s of that step, float32 / of PyTorch's tutorial",
        "gan",
        "GFLOP/s, facegen / PyTorch tutorial",
        1,
        1.3,
    ),
    Bar("Tutorial's networks: facegen / PyTorch", "tutorial", "images/s, facegen / PyTorch tutorial", 1, 1.3),
    Bar("Deconvolution, 4 layers: facegen / original B", "deconv4", "images/s, facegen / original B", 1.8, 3),
    Bar(
        "Deconvolution, 4 layers, in bfloat16", "deconv4", "images/s, facegen, bfloat16 / original B", 1.8, 3
    ),
    Bar("Deconvolution, 5 layers: facegen / original B", "deconv5", "images/s, facegen / original B", 1.8, 3),
    Bar(
        "Deconvolution, 5 layers, in bfloat16", "deconv5", "images/s, facegen, bfloat16 / original B", 1.8, 3
    ),
    Bar(
        "Peak memory, RaFD: facegen / original B",
        "memory",
        "peak memory, facegen / original B",
        1 / 4,
        1 / 6,
        True,
    ),
    Bar("Cache from 178x218: facegen / Pillow", "cache", "images/s, 178x218 to 64x64", 1, 2),
    Bar("Cache from 681x1024: facegen / Pillow", "cache", "images/s, 681x1024 to 160x128", 1, 2),
    Bar("Batches of 64x64: facegen / NumPy", "batches", "batches/s, 64 of 64x64", 0.7, 1),
    Bar("One picture to JPEG bytes, width 16, ms", "latency", "ms, as shipped, width 16", 20, 10, True),
    Bar("One picture to JPEG bytes, width 64, ms", "latency", "ms, full, width 64", 20, 10, True),
)
