"""Controls for one condition of a model: sliders that mix its columns, or a wheel for its angles.

A control shows a row, and turns what its user does into a change of that row: `act(change, source)` is
called with a function from the present row to the next one.
"""

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np

from facegen.conditions.base import Kind, angles
from facegen.conditions.interpolation import direction
from facegen.conditions.kinds import Number
from facegen.panel import elements
from facegen.panel import state as looks
from facegen.panel.state import FREE

Act = Callable[[Callable[[np.ndarray], np.ndarray], str], None]
SLIDERS = 10  # columns that have a slider each; of more, a few at a time are chosen
SEATS = 3
STEPS = 16  # of a wheel
TURN = 360 / STEPS


class MixSliders:
    """A weight or number for each column: a slider each, or a few seats whose columns are chosen from a list.

    Args:
        kind: of the condition.
        act: see the module.
    """

    def __init__(self, kind: Kind, act: Act):
        self.kind, self.name, self.columns, self.act = kind, kind.name, list(kind.columns), act
        columns = self.columns
        few = len(columns) <= SLIDERS
        self.seats = list(range(len(columns))) if few else list(range(SEATS))  # the column of each slider
        self.sliders = [self._slider(i, columns[i] if few else "") for i in self.seats]
        self.choices = [] if few else [self._choice(i) for i in self.seats]
        rows = map(elements.flow, self.choices, self.sliders) if self.choices else self.sliders
        self.widget = elements.column(*rows)

    def show(self, row: np.ndarray, free: bool) -> None:
        """Bring the sliders in step with a row; who has weight and no seat takes one of somebody without."""
        for column in np.argsort(-np.abs(row), kind="stable")[: len(self.seats)]:
            idle = [i for i, seat in enumerate(self.seats) if row[seat] == 0]
            if row[column] and column not in self.seats and idle:
                self.seats[idle[0]] = int(column)
        for choice, seat in zip(self.choices, self.seats, strict=False):
            choice.value = seat
        for slider, seat in zip(self.sliders, self.seats, strict=True):
            low, high = self._beyond(seat) if free else self.kind.extent[:, seat]
            if low > slider.max:  # a slider's least is never above its most, not even for a moment
                slider.max = high
            slider.min, slider.max, slider.step = low, high, self._step(seat)
            elements.show(slider, float(row[seat]))

    def _beyond(self, column: int) -> tuple[float, float]:
        """What may be asked for of a column that is free, as -2 to 3 of one that has seen 0 to 1."""
        least, most = self.kind.extent[:, column]
        return tuple(least + np.array(FREE) * ((most - least) or 1))

    def _step(self, column: int) -> float:
        """Of a slider: a round number of which a range has twenty or more."""
        span = float(np.ptp(self.kind.extent[:, column])) or 1.0
        return 10.0 ** np.floor(np.log10(span / 20)) if isinstance(self.kind, Number) else 0.05

    def _slider(self, i: int, text: str) -> widgets.FloatSlider:
        made = elements.slider(text, 0.0, self._hint(i, text), step=0.05)
        made.layout.flex = "1 1 150px"  # beside its choice
        made.observe(
            lambda event: self.act(lambda row: self._weighed(row, i, event["new"]), f"{self.name} {i}"),
            "value",
        )
        return made

    def _hint(self, i: int, text: str) -> str:
        return f"How much of this {self.name}" if text else f"How much of {self.name} {i + 1}"

    def _weighed(self, row: np.ndarray, i: int, value: float) -> np.ndarray:
        row = row.copy()
        seat = self.seats[i]
        row[seat] = looks.number(value, f"{self.name} {self.columns[seat]}", *self._beyond(seat))
        return row

    def _choice(self, i: int) -> widgets.Dropdown:
        options = [(column, j) for j, column in enumerate(self.columns)]
        layout = widgets.Layout(width="90px")
        made = elements.tip(widgets.Dropdown(options=options, value=i, layout=layout), f"{self.name} {i + 1}")
        made.observe(lambda event: self.act(lambda row: self._seated(row, i, event["new"]), ""), "value")
        return made

    def _seated(self, row: np.ndarray, i: int, column: int) -> np.ndarray:
        """Another column takes a seat with its weight; if it has one already, the two change places. Numbers
        stay with their columns."""
        row, old = row.copy(), self.seats[i]
        if column in self.seats:
            self.seats[self.seats.index(column)] = old
        if not isinstance(self.kind, Number):
            row[[old, column]] = row[[column, old]]
        self.seats[i] = column
        return row


class Wheel:
    """For each angle a ring of directions to press, and a slider in degrees; off the circle also a radius.

    Seen from above: 0 degrees, at the bottom, looks at you. The arguments are those of `MixSliders`.
    """

    def __init__(self, kind: Kind, act: Act):
        self.dials = [Dial(i, angle or kind.name, act) for i, angle in enumerate(angles(kind.columns))]
        self.widget = elements.column(*(dial.widget for dial in self.dials))

    def show(self, row: np.ndarray, free: bool) -> None:
        """Bring wheel and sliders in step with a row."""
        for dial in self.dials:
            dial.show(*polar(row, dial.i), free)


class Dial:
    """The widgets of angle number i of a row."""

    def __init__(self, i: int, name: str, act: Act):
        self.i, self.name, self.act = i, name, act
        self.steps = [self._step(k) for k in range(STEPS)]
        self.label = elements.classed(widgets.HTML(), "facegen-degrees")
        ring = elements.classed(widgets.Box([*self.steps, self.label]), "facegen-dial")
        self.degrees = elements.slider("Degrees", 0.0, f"{name}: 0 looks at you", -180, 180, 0.5)
        self.degrees.readout_format = ".1f"
        self.degrees.observe(lambda event: act(self._turn(event["new"]), f"{name} degrees"), "value")
        hint = "1 is the circle; the model has seen nothing else"
        self.radius = elements.slider("Radius", 1.0, hint, 0, FREE[1], 0.05)
        self.radius.observe(lambda event: act(self._stretch(event["new"]), f"{name} radius"), "value")
        self.widget = elements.flow(ring, elements.column(self.degrees, self.radius, flex="1 1 260px"))

    def show(self, degrees: float, radius: float, free: bool) -> None:
        """Bring the widgets in step with an angle."""
        near = round(degrees / TURN) % STEPS
        for k, step in enumerate(self.steps):
            (step.add_class if k == near else step.remove_class)("facegen-now")
        self.label.value = f"{degrees + 0.0:.0f}°"
        elements.show(self.degrees, round(degrees, 1))
        elements.show(self.radius, radius)
        self.radius.layout.display = None if free else "none"

    def _step(self, k: int) -> widgets.Button:
        degrees = (k * TURN + 180) % 360 - 180
        press = lambda: self.act(self._turn(degrees), "")  # noqa: E731
        made = elements.button("", f"{self.name}: {degrees:g} degrees", press)
        return elements.classed(made, "facegen-step", f"facegen-at-{k}")

    def _turn(self, degrees: float) -> Callable[[np.ndarray], np.ndarray]:
        def change(row: np.ndarray) -> np.ndarray:
            wanted = looks.number(degrees, self.name, -180, 180)
            return placed(row, self.i, wanted, polar(row, self.i)[1])

        return change

    def _stretch(self, radius: float) -> Callable[[np.ndarray], np.ndarray]:
        def change(row: np.ndarray) -> np.ndarray:
            wanted = looks.number(radius, "Radius", 0, FREE[1])
            return placed(row, self.i, polar(row, self.i)[0], wanted)

        return change


def polar(row: np.ndarray, i: int) -> tuple[float, float]:
    """(degrees, radius) of angle number i in a row of sines and cosines."""
    sine, cosine = row[2 * i : 2 * i + 2]
    return float(np.degrees(np.arctan2(sine, cosine))), float(np.hypot(sine, cosine))


def placed(row: np.ndarray, i: int, degrees: float, radius: float) -> np.ndarray:
    """A row with another angle number i."""
    row = row.copy()
    row[2 * i : 2 * i + 2] = radius * direction(degrees)
    return row


def style() -> str:
    """Where the steps of a wheel lie: in a ring, 0 degrees at the bottom."""
    angles = np.radians(TURN * np.arange(STEPS))
    places = "".join(
        f".facegen .facegen-at-{k} {{left: {64 + 56 * np.sin(a):.1f}px; top: {64 + 56 * np.cos(a):.1f}px}}\n"
        for k, a in enumerate(angles)
    )
    return f"""<style>
.facegen .facegen-dial {{position: relative; width: 148px; height: 148px; flex: none; overflow: hidden}}
.facegen .facegen-step {{position: absolute; width: 18px !important; height: 18px; padding: 0; margin: 0;
  border-radius: 50%; background: rgba(128, 128, 128, .35)}}
.facegen .facegen-step.facegen-now {{background: #3367d6; outline: none !important}}
.facegen .facegen-degrees {{position: absolute; left: 44px; top: 62px; width: 60px; margin: 0;
  text-align: center; font-size: 16px}}
{places}</style>"""
