"""Losses between pictures that Keras does not have."""

import keras
from keras import ops

BRIGHT = 255.0  # grey levels of a white pixel


@keras.saving.register_keras_serializable("facegen")
class PSNRLoss(keras.losses.Loss):
    """How far pictures are from the truth: 20 log10 of the root mean squared error in grey levels.

    48.13 minus this loss is the mean peak signal-to-noise ratio, the measure that it is meant for (as
    Chen et al., arXiv 2204.04676, train). Each picture counts by its own logarithm: one that is nearly
    right still has as much to gain by halving its error as one that is far off.

    Args:
        floor: grey levels; an error far below has nothing more to gain.

    Example:
        >>> black = np.zeros((1, 2, 2, 3), "float32")
        >>> round(float(PSNRLoss(floor=0)(black, black + 10 / 255)), 3)
        20.0
    """

    def __init__(self, floor: float = 0.5, name: str = "decibels", **kwargs):
        super().__init__(name=name, **kwargs)
        self.floor = floor

    def call(self, y_true, y_pred):
        y_pred = ops.convert_to_tensor(y_pred)
        error = ops.square(BRIGHT * (ops.cast(y_true, y_pred.dtype) - y_pred))
        return 10 * ops.log10(ops.mean(error, axis=(1, 2, 3)) + self.floor**2)  # (b,)

    def get_config(self):
        return {**super().get_config(), "floor": self.floor}
