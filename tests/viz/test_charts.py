"""Charts, a heat map, and a frame around what the models see."""

import io

import numpy as np
import pytest
from IPython.core.formatters import PNGFormatter
from PIL import Image

from facegen.viz import plots


def test_heat_puts_each_value_into_its_row_and_column():
    values = np.array([[1, -0.5, 0], [0.25, 1, 0], [0, 0, 1]])
    axis = plots.heat(values, ["a", "b", "c"], "title").axes[0]
    np.testing.assert_array_equal(axis.images[0].get_array(), values)
    assert axis.images[0].get_clim() == (-1, 1)
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b", "c"]


def test_dots_stand_at_their_values_on_the_line_of_their_name():
    rows = {"Smiling": {"floor": 0.4, "drawn": 0.8}, "Bald": {"floor": 0.1}}
    axis = plots.dots(rows, "title").axes[0]
    floor, drawn = axis.lines
    assert (floor.get_label(), drawn.get_label()) == ("floor", "drawn")
    np.testing.assert_array_equal(floor.get_xdata(), [0.4, 0.1])
    np.testing.assert_array_equal(drawn.get_xdata(), [0.8, np.nan])
    assert list(floor.get_ydata(orig=True)) == ["Smiling", "Bald"] and axis.yaxis_inverted()


def test_a_chart_is_seen_where_it_is_the_last_value_of_a_cell():
    shown = PNGFormatter()(plots.bars({"a": 1.0, "b": 2.0}, "title"))
    with Image.open(io.BytesIO(shown)) as picture:
        assert picture.width > 300 and len({*picture.convert("L").tobytes()}) > 2


LONG = "as many words as somebody may want to say of what can be seen in a chart of theirs, and its unit"


@pytest.mark.parametrize(
    "chart",
    [
        plots.heat(np.eye(8), ["contemptuous"] * 8, LONG),
        plots.bars({"a name that needs a good part of the room by itself": 1.0, "b": 2.0}, LONG),
        plots.curves([{"epoch": 1, "loss": 1.0}], {"short": ["loss"], LONG: ["loss"]}),
    ],
    ids=["heat", "bars", "curves"],
)
def test_a_long_title_stays_within_its_picture(chart):
    chart.canvas.draw()
    for axis in chart.axes:
        box = axis.title.get_window_extent()
        assert box.x0 >= 0 and box.y1 <= chart.bbox.y1 and box.x1 <= chart.bbox.x1


def test_framed_darkens_what_lies_outside():
    picture = plots.framed(Image.new("L", (20, 30), 200), (2.2, 4.9, 18.0, 21.1))
    assert picture.size == (20, 30)
    assert picture.getpixel((10, 10)) == (200, 200, 200)
    assert picture.getpixel((0, 0)) == picture.getpixel((10, 4)) == picture.getpixel((18, 10)) == (70, 70, 70)
    assert picture.getpixel((2, 5)) == picture.getpixel((17, 20)) == (255, 160, 0)
