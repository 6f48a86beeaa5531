"""What the commands do that generate and train. Nothing heavy is imported before one of them runs."""

from facegen.commands.generating import generate, generate_options
from facegen.commands.learning import deconv_options, gan_options, train_deconv, train_gan
from facegen.commands.options import positive, quieten

__all__ = [
    "deconv_options",
    "gan_options",
    "generate",
    "generate_options",
    "positive",
    "quieten",
    "train_deconv",
    "train_gan",
]
