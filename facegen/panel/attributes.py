"""The panel of a model that reads attributes: press `Smiling`, and this person smiles."""

from collections.abc import Sequence
from dataclasses import replace

import ipywidgets as widgets
import numpy as np

from facegen.clay import population
from facegen.conditions.attributes import GROUPS, RELIABLE
from facegen.conditions.base import ATTRIBUTES
from facegen.models.base import FaceModel
from facegen.panel import elements
from facegen.panel import state as looks
from facegen.panel.base import Panel
from facegen.panel.state import FREE, LEGAL, PanelState, switched
from facegen.utils.errors import FacegenError

START = ("Brown_Hair", "No_Beard", "Straight_Hair", "Young")  # on at first


class AttributePanel(Panel):
    """Toggles for the attributes of a model, as a widget: the last value of a notebook's cell.

    It draws with a copy of the model's present weights.

    Args:
        model: that reads "attributes" alone, such as a `GAN`.
        seed: of the first face's noise.
        side: pixels on the screen, about, of the picture's longer side.

    Raises:
        FacegenError: the model reads something else.

    Example:
        >>> from facegen.models.gan import GAN
        >>> model = GAN({"attributes": ["Male", "Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> panel = AttributePanel(model)
        >>> panel.set(Smiling=1)
        >>> panel.toggles["Smiling"].value, panel.toggles["Male"].value, panel.image.shape
        (True, False, (16, 16, 3))
    """

    def __init__(self, model: FaceModel, seed: int = 0, side: int = elements.SIDE):
        if set(model.names) != {ATTRIBUTES}:
            raise FacegenError(
                f"AttributePanel: expected a model that reads {ATTRIBUTES!r} alone, found one that reads "
                f"{', '.join(model.names)}: use ConditionPanel."
            )
        self.columns = model.names[ATTRIBUTES]
        super().__init__(model, seed, side)

    def set(self, **values: float) -> None:
        """Several attributes at once, as one action: `panel.set(Smiling=1, Male=0)`."""

        def change(look: PanelState) -> PanelState:
            for name, value in values.items():
                look = self._switched(look, name, value)
            return look

        self.act(change)

    def first(self, seed: int) -> PanelState:
        row = np.array([name in START for name in self.columns], "float32")
        return self._seeded(PanelState({ATTRIBUTES: row}), seed)

    def inputs(self, look: PanelState) -> dict[str, np.ndarray]:
        if look.noise is None:
            return dict(look.rows)
        mean = 0.0 if self.model.centred else 0.5
        return {**look.rows, "noise": mean + look.truncation * (look.noise - mean)}

    def told(self, look: PanelState) -> str:
        row = look.rows[ATTRIBUTES]
        return ", ".join(spoken(name) for name, value in zip(self.columns, row, strict=True) if value > 0.5)

    def shown(self, look: PanelState) -> None:
        row = look.rows[ATTRIBUTES]
        for name, value in zip(self.columns, row, strict=True):
            self.toggles[name].value = bool(value > 0.5)
        low, high = FREE if look.free else LEGAL
        self.strength.min, self.strength.max = low, high
        elements.show(self.strength, float(row[self.columns.index(self.chosen.value)]))
        self.free.value = look.free
        elements.show(self.truncation, look.truncation)
        self.seed.value = "" if look.seed is None else str(look.seed)

    def build(self) -> list[widgets.Widget]:
        self.toggles = {name: self._toggle(name) for name in self.columns}
        groups = [self._group(title, names) for title, names in grouped(self.columns).items()]
        left = elements.column(self.picture, self.status, self._buttons())
        right = elements.column(elements.grid(groups, 148), self._sliders(), flex="1 1 440px", width="auto")
        return [elements.flow(left, right)]

    def _group(self, title: str, names: Sequence[str]) -> widgets.Widget:
        return elements.column(elements.title(title), *(self.toggles[name] for name in names))

    def _toggle(self, name: str) -> widgets.Checkbox:
        made = widgets.Checkbox(description=spoken(name), indent=False)
        self.on(made, lambda look, on: self._switched(look, name, float(on)))
        if name in RELIABLE:
            elements.classed(made, "facegen-sure")
            return elements.tip(made, f"{spoken(name)}: people mostly agree on who has this")
        return elements.tip(made, f"{spoken(name)}: people often disagree on who has this")

    def _buttons(self) -> widgets.Widget:
        new = elements.button("New face", "Another face with the same toggles: new noise", self.new_face)
        same = elements.button("Same face, new look", "The same noise, other toggles", self.new_look)
        reset = elements.button("Reset", "All controls as at the beginning; the face stays", self.reset)
        self.seed = elements.tip(
            widgets.Text(
                description="Seed", continuous_update=False, layout=widgets.Layout(width="170px"),
                style={"description_width": "40px"},
            ),
            "The number that the face's noise is drawn from: the same number, the same face",
        )  # fmt: skip
        self.on(self.seed, lambda look, text: self._seeded(look, looks.seed(text)))
        noise = [new, same, reset] if self.latent else [same, reset]
        return elements.column(
            widgets.HBox(noise), widgets.HBox([self.seed, self.link] if self.latent else [self.link])
        )

    def _sliders(self) -> widgets.Widget:
        names = sorted(self.columns, key=_doubtful)
        self.chosen = elements.tip(
            widgets.Dropdown(
                options=[(spoken(name), name) for name in names], layout=widgets.Layout(width="190px"),
                value="Smiling" if "Smiling" in names else names[0],
            ),
            "The attribute that the slider beside is for",
        )  # fmt: skip
        self.chosen.observe(lambda _: self._shown_silently(), "value")
        self.strength = elements.slider("Strength", 0.0, "How much of the chosen attribute: 0 none, 1 all")
        self.on(self.strength, self._strengthened, "strength")
        self.free = widgets.Checkbox(description="beyond 0 to 1", indent=False)
        elements.tip(self.free, "Numbers that the model has never seen: from -2 to 3")
        self.on(self.free, lambda look, on: look.with_free(on, self.kinds))
        hint = "How much of the noise is used: at 0, the most usual face with these toggles"
        self.truncation = elements.slider("Truncation", 1.0, hint)
        self.on(self.truncation, self._truncated, "truncation")
        noise = [elements.title("noise"), elements.flow(self.truncation)] if self.latent else []
        one = elements.flow(self.chosen, self.strength, self.free)
        return elements.column(elements.title("strength of one"), one, *noise)

    def new_face(self) -> None:
        """Other noise, the same toggles."""
        self.act(lambda look: self._seeded(look, int(self.random.integers(looks.SEEDS))))

    def new_look(self) -> None:
        """The same noise, and toggles as people in the course's clay have them."""
        on = population.anybody(self.random)
        row = np.array([on.get(name, False) for name in self.columns], "float32")
        self.act(lambda look: look.with_row(ATTRIBUTES, row))

    def _shown_silently(self) -> None:
        if not self.silent:
            with self._silently():
                self.shown(self.look)

    def _seeded(self, look: PanelState, seed: int) -> PanelState:
        noise = self.model.sample_noise(1, seed)[0] if self.latent else None
        return replace(look, noise=noise, seed=seed)

    def _switched(self, look: PanelState, name: str, value: float) -> PanelState:
        if name not in self.columns:
            raise FacegenError(f"{name}: this model reads {', '.join(self.columns)}.")
        value = looks.number(value, name, *(FREE if look.free else LEGAL))
        return look.with_row(ATTRIBUTES, switched(look.rows[ATTRIBUTES], self.columns, name, value))

    def _strengthened(self, look: PanelState, value: float) -> PanelState:
        return self._switched(look, self.chosen.value, value)

    def _truncated(self, look: PanelState, value: float) -> PanelState:
        return replace(look, truncation=looks.number(value, "Truncation", *LEGAL))


def grouped(columns: Sequence[str]) -> dict[str, list[str]]:
    """The attributes of a model in the groups of a panel, in each the trustworthy ones first."""
    groups = {title: [name for name in names if name in columns] for title, names in GROUPS.items()}
    known = {name for names in groups.values() for name in names}
    groups["others"] = [name for name in columns if name not in known]
    return {title: sorted(names, key=_doubtful) for title, names in groups.items() if names}


def _doubtful(name: str) -> bool:
    return name not in RELIABLE


def spoken(name: str) -> str:
    """A name as people read it: "5 o'Clock Shadow", "Wearing Hat"."""
    return name.replace("_o_", " o'").replace("_", " ")
