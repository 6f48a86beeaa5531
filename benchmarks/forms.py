"""Two more exact ways to upsample by two and convolve with 5x5, with still fewer multiplications.

Both compute what `facegen.models.layers.UpsampleConv2D` does, from the same weights, and are here to be
measured: fewer multiplications are paid for with additions and with more memory that is written and read.

Of one dimension, with taps w0 ... w4 and small pixels x: the two outputs that fall on x[i] are

    even[i] = (w0 + w1) x[i-1] + (w2 + w3) x[i] + w4 x[i+1]
     odd[i] = w0 x[i-1] + (w1 + w2) x[i] + (w3 + w4) x[i+1]

Folded, these are 3 + 3 multiplications, and 36 for four pixels of a picture; as written 5 + 5, and 100.
"""

import numpy as np
from keras import ops

from facegen.models.layers import UpsampleConv2D

# Winograd's F(2, 3), as in Lavin & Gray (arXiv 1509.09308), section 4.1: 4 products for two outputs of 3 taps
KERNEL = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], "float32")


class Differences(UpsampleConv2D):
    """From differences of neighbours: 25 multiplications for four pixels, as many as the kernel has taps.

    With d[i] = x[i-1] - x[i], even[i] - odd[i] = w1 d[i] + w3 d[i+1]: 3 multiplications for odd, 2 more
    for even. In two dimensions, four convolutions read the picture and its differences along rows,
    along columns, and along both.
    """

    def _on_small(self, x):
        _, h, w, _ = x.shape
        odd, more = _odd_and_more(self.kernel)  # (3, 5, c, f), (2, 5, c, f)
        kernels = [
            ops.swapaxes(k, 0, 1) for half in (odd, more) for k in _odd_and_more(ops.swapaxes(half, 0, 1))
        ]
        x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        across, down = x[:, :, :-1] - x[:, :, 1:], x[:, :-1] - x[:, 1:]
        both = across[:, :-1] - across[:, 1:]
        odd, of_columns, of_rows, of_both = (
            ops.conv(part, kernel, padding="valid")  # (b, h, w, f)
            for part, kernel in zip((x, across, down, both), kernels, strict=True)
        )
        upper = ops.stack([odd + of_columns + of_rows + of_both, odd + of_rows], axis=3)
        y = ops.stack([upper, ops.stack([odd + of_columns, odd], axis=3)], axis=2)  # (b, h, 2, w, 2, f)
        return ops.reshape(y, (-1, 2 * h, 2 * w, self.filters))


def _odd_and_more(kernel):
    """Of 5 taps along the first axis: the 3 of odd outputs, and the 2 of what even ones have more."""
    w0, w1, w2, w3, w4 = (kernel[i] for i in range(5))
    return ops.stack([w0, w1 + w2, w3 + w4]), ops.stack([w1, w3])


class Winograd(UpsampleConv2D):
    """Winograd's F(2x2, 3x3) on the small image: 16 multiplications for four pixels, in 16 matrix products.

    Height and width must be even.
    """

    def _on_small(self, x):
        _, h, w, c = x.shape
        taps = np.einsum("ps,yst->ypt", KERNEL, self.taps)  # (2, 4, 5)
        kernel = ops.einsum("ypt,tqio->ypqio", taps, self.kernel)
        kernel = ops.einsum("xrq,ypqio->priyxo", taps, kernel)  # (4, 4, c, 2, 2, f)
        x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        tiles = ops.stack([part for rows in _tiles(x, 1) for part in _tiles(rows, 2)])  # (16, b, h/2, w/2, c)
        kernel = ops.reshape(kernel, (16, c, -1))
        products = ops.matmul(ops.reshape(tiles, (16, -1, c)), kernel)  # (16, b h/2 w/2, 4f)
        products = ops.reshape(products, (4, 4, -1, kernel.shape[-1]))
        outputs = ops.stack([y for rows in _outputs(products) for y in _outputs(rows)], axis=1)
        y = ops.reshape(outputs, (-1, h // 2, w // 2, 2, 2, 2, 2, self.filters))  # rows, columns, phases
        y = ops.transpose(y, (0, 1, 3, 5, 2, 4, 6, 7))
        return ops.reshape(y, (-1, 2 * h, 2 * w, self.filters))


def _tiles(x, axis: int):
    """Of tiles of 4 along an axis, each 2 further on: the 4 sums that Winograd multiplies."""
    before, last = (slice(None),) * axis, x.shape[axis]
    x0, x1, x2, x3 = (x[(*before, slice(first, last - 3 + first, 2))] for first in range(4))
    return x0 - x2, x1 + x2, x2 - x1, x1 - x3


def _outputs(products):
    """The 2 outputs of 4 products along the first axis."""
    return products[0] + products[1] + products[2], products[1] - products[2] - products[3]
