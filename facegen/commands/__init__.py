"""What commands do: generate, train, measure, look after data. Nothing heavy is imported before one runs."""

from facegen.commands.generating import generate, generate_options
from facegen.commands.learning import deconv_options, gan_options, train_deconv, train_gan
from facegen.commands.looking_after import check, check_options, clean, clean_options, table, table_options
from facegen.commands.measuring import measure, measure_options
from facegen.commands.options import positive

__all__ = [
    "check",
    "check_options",
    "clean",
    "clean_options",
    "deconv_options",
    "gan_options",
    "generate",
    "generate_options",
    "measure",
    "measure_options",
    "positive",
    "table",
    "table_options",
    "train_deconv",
    "train_gan",
]
