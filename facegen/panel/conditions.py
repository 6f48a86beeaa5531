"""The panel of a model that reads people, emotions, angles: sliders that mix, a wheel that turns heads."""

from collections.abc import Callable
from dataclasses import replace

import ipywidgets as widgets
import numpy as np

from facegen.conditions.keys import Keys
from facegen.conditions.kinds import Angle, Mixture
from facegen.conditions.words import Word
from facegen.models.base import FaceModel
from facegen.panel import elements
from facegen.panel.base import Panel
from facegen.panel.controls import MixSliders, Wheel, style
from facegen.panel.state import PanelState
from facegen.utils.errors import FacegenError


class ConditionPanel(Panel):
    """Sliders that mix identities and emotions, and a wheel for each angle: a widget.

    Mixtures are scaled to unit length and angles stay on the circle, as all that the model has seen; on
    request they are not ("beyond").

    Args:
        model: such as a `Deconv`, or a `Flow` of people and emotions.
        seed: of the noise, and of the buttons that leave it to chance.
        side: pixels on the screen, about, of the picture's longer side.

    Example:
        >>> from facegen.models.deconv import Deconv
        >>> names = {"identity": ["1", "2"], "emotion": ["happy", "neutral"], "orientation": ["sin", "cos"]}
        >>> panel = ConditionPanel(Deconv(names, start=(5, 4), depth=1, kernels=[4], dense=8))
        >>> panel.set(emotion="happy", orientation=90)
        >>> panel.look.rows["emotion"].tolist(), panel.image.shape
        ([1.0, 0.0], (20, 16, 3))
    """

    def __init__(self, model: FaceModel, seed: int = 0, side: int = elements.SIDE):
        self.names = model.names
        super().__init__(model, seed, side)
        self.random = np.random.default_rng(seed)

    def first(self, seed: int) -> PanelState:
        noise = self.model.sample_noise(1, seed)[0] if self.latent else None
        rows = {name: kind.row(kind.default()) for name, kind in self.kinds.items()}
        return PanelState(rows, noise, seed)

    def inputs(self, look: PanelState) -> dict[str, np.ndarray]:
        noise = {} if look.noise is None else {"noise": look.noise}
        if look.free:
            return {**look.rows, **noise}
        return {name: kind.row(kind.encode(look.rows[name])) for name, kind in self.kinds.items()} | noise

    def shown(self, look: PanelState) -> None:
        self.free.value = look.free
        for name, control in self.controls.items():
            control.show(look.rows[name], look.free)

    def build(self) -> list[widgets.Widget]:
        self.controls = {name: self._control(name) for name in self.names}
        self.free = widgets.Checkbox(description="beyond what it has seen", indent=False)
        hint = "Weights from -2 to 3, mixtures of any length, angles off the circle"
        self.on(elements.tip(self.free, hint), lambda look, on: look.with_free(on, self.kinds))
        buttons = widgets.HBox(
            [
                elements.button("Somebody", "Chance chooses who, how and from where", self.somebody),
                elements.button("Reset", "All controls as at the beginning", self.reset),
                self.link,
            ]
        )
        left = elements.column(self.picture, self.status, buttons, self.free)
        groups = [
            elements.column(elements.title(name), control.widget) for name, control in self.controls.items()
        ]
        right = elements.column(elements.grid(groups, 300), flex="1 1 440px", width="auto")
        return [widgets.HTML(style()), elements.flow(left, right)]

    def somebody(self) -> None:
        """One or two people mixed, one or two emotions, some angle between the profiles."""
        rows = {name: kind.row(kind.pick(self.random)) for name, kind in self.kinds.items()}
        for name, row in rows.items():
            if isinstance(self.kinds[name], Mixture):
                rows[name] = np.sign(row)  # sliders have round weights; what is drawn has unit length
        self.act(lambda look: replace(look, rows=rows))

    def set(self, /, **words: Word) -> None:
        """Several conditions or columns at once, as one action: `panel.set(emotion="happy", age=45)`."""

        def change(look: PanelState) -> PanelState:
            for key, word in words.items():
                look = self._asked(look, key, word)
            return look

        self.act(change)

    def _asked(self, look: PanelState, key: str, word: Word) -> PanelState:
        meaning = Keys(self.names).named.get(key)
        if meaning is None or meaning.setting:
            raise FacegenError(f"{key}: this model reads {', '.join(self.names)}.")
        kind = (self.free_kinds if look.free else self.kinds)[meaning.condition]
        state = kind.encode({meaning.column: word} if meaning.column else word)
        given = ~np.isnan(state)
        if meaning.column:
            given &= np.array(kind.columns) == meaning.column
        before = kind.state(look.rows[meaning.condition])
        return look.with_row(meaning.condition, kind.row(np.where(given, state, before)))

    def _control(self, name: str) -> MixSliders | Wheel:
        def act(change: Callable[[np.ndarray], np.ndarray], source: str) -> None:
            self.act(lambda look: look.with_row(name, change(look.rows[name])), source)

        kind = self.kinds[name]
        return (Wheel if isinstance(kind, Angle) else MixSliders)(kind, act)
