"""The pictures of notebook 1: charts and a heat map, a frame around what the models see."""

import io

import numpy as np
from IPython.core.formatters import PNGFormatter
from PIL import Image

from facegen import show


def test_heat_puts_each_value_into_its_row_and_column():
    values = np.array([[1, -0.5, 0], [0.25, 1, 0], [0, 0, 1]])
    axis = show.heat(values, ["a", "b", "c"], "title").axes[0]
    np.testing.assert_array_equal(axis.images[0].get_array(), values)
    assert axis.images[0].get_clim() == (-1, 1)
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b", "c"]


def test_a_chart_is_seen_where_it_is_the_last_value_of_a_cell():
    shown = PNGFormatter()(show.bars({"a": 1.0, "b": 2.0}, "title"))
    with Image.open(io.BytesIO(shown)) as picture:
        assert picture.width > 300 and len({*picture.convert("L").tobytes()}) > 2


def test_framed_darkens_what_lies_outside():
    picture = show.framed(Image.new("L", (20, 30), 200), (2.2, 4.9, 18.0, 21.1))
    assert picture.size == (20, 30)
    assert picture.getpixel((10, 10)) == (200, 200, 200)
    assert picture.getpixel((0, 0)) == picture.getpixel((10, 4)) == picture.getpixel((18, 10)) == (70, 70, 70)
    assert picture.getpixel((2, 5)) == picture.getpixel((17, 20)) == (255, 160, 0)
