"""The panel that fits a model, or the reason why there is none."""

import html
from pathlib import Path

import ipywidgets as widgets

from facegen.conditions.base import ATTRIBUTES
from facegen.models.base import FaceModel
from facegen.panel.attributes import AttributePanel
from facegen.panel.base import Panel
from facegen.panel.conditions import ConditionPanel
from facegen.panel.elements import SIDE
from facegen.utils.errors import FacegenError

LARGE = 384  # pixels of the picture on a page of its own


def for_model(model: FaceModel, seed: int = 0, side: int = SIDE) -> Panel:
    """The panel for a model: toggles if it reads attributes alone, else sliders and wheels."""
    return (AttributePanel if set(model.names) == {ATTRIBUTES} else ConditionPanel)(model, seed, side)


def page(folder: str | Path) -> widgets.Widget:
    """What the served page shows for a bundle: its panel, or in words what is wrong with it."""
    from facegen.models import saving

    try:
        return for_model(saving.load(folder), side=LARGE)
    except FacegenError as error:
        return widgets.HTML(f'<p role="alert">{html.escape(str(error))}</p>')
