"""The panel of a model that reads people, emotions, angles: sliders that mix, a wheel that turns heads."""

from collections.abc import Callable
from dataclasses import replace

import ipywidgets as widgets
import numpy as np

from facegen import conditions
from facegen.errors import FacegenError
from facegen.interpolation import normalized
from facegen.kinds import Mixture, kind
from facegen.model import FaceModel
from facegen.panel import parts
from facegen.panel.base import Panel
from facegen.panel.controls import Mix, Wheel, style
from facegen.panel.look import Look


class ConditionPanel(Panel):
    """Sliders that mix identities and emotions, and a wheel for each angle: a widget.

    Mixtures are scaled to unit length and angles stay on the circle, as all that the model has seen; on
    request they are not ("beyond").

    Args:
        model: without noise, such as a `Deconv`.
        seed: of the buttons that leave it to chance.
        side: pixels on the screen, about, of the picture's longer side.

    Raises:
        FacegenError: the model wants noise.
    """

    def __init__(self, model: FaceModel, seed: int = 0, side: int = parts.SIDE):
        if "noise" in model.generator.input:
            raise FacegenError("ConditionPanel: expected a model without noise, such as a Deconv.")
        self.names = model.names
        super().__init__(model, seed, side)
        self.random = np.random.default_rng(seed)

    def first(self, seed: int) -> Look:
        return Look({name: self._plain(name) for name in self.names})

    def inputs(self, look: Look) -> dict[str, np.ndarray]:
        if look.free:
            return dict(look.rows)
        return {name: self._scaled(name, row) for name, row in look.rows.items()}

    def shown(self, look: Look) -> None:
        self.free.value = look.free
        for name, control in self.controls.items():
            control.show(look.rows[name], look.free)

    def build(self) -> list[widgets.Widget]:
        self.controls = {name: self._control(name) for name in self.names}
        self.free = widgets.Checkbox(description="beyond what it has seen", indent=False)
        hint = "Weights from -2 to 3, mixtures of any length, angles off the circle"
        self.on(parts.tip(self.free, hint), lambda look, on: look.with_free(on, self.names))
        buttons = widgets.HBox(
            [
                parts.button("Somebody", "Chance chooses who, how and from where", self.somebody),
                parts.button("Reset", "All controls as at the beginning", self.reset),
                self.link,
            ]
        )
        left = parts.column(self.picture, self.status, buttons, self.free)
        groups = [parts.column(parts.title(name), control.widget) for name, control in self.controls.items()]
        right = parts.column(parts.grid(groups, 300), flex="1 1 440px", width="auto")
        return [widgets.HTML(style()), parts.flow(left, right)]

    def somebody(self) -> None:
        """One or two people mixed, one or two emotions, some angle between the profiles."""
        self.act(lambda look: replace(look, rows={name: self._chance(name) for name in self.names}))

    def _control(self, name: str) -> Mix | Wheel:
        def act(change: Callable[[np.ndarray], np.ndarray], source: str) -> None:
            self.act(lambda look: look.with_row(name, change(look.rows[name])), source)

        columns = self.names[name]
        return (Wheel if conditions.angles(columns) else Mix)(name, columns, act)

    def _plain(self, name: str) -> np.ndarray:
        plain = kind(name, self.names[name])
        return plain.row(plain.default())

    def _chance(self, name: str) -> np.ndarray:
        one = kind(name, self.names[name])
        row = one.row(one.pick(self.random))
        return np.sign(row) if isinstance(one, Mixture) else row  # sliders have round weights; see `_scaled`

    def _scaled(self, name: str, row: np.ndarray) -> np.ndarray:
        if not isinstance(kind(name, self.names[name]), Mixture):
            return row
        if not row.any():
            raise FacegenError(f"{name}: at least one weight must be above zero; the last one stays.")
        return normalized(row)
