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
    """The panel for a model: toggles if it reads attributes alone, else sliders and wheels.

    Example:
        >>> from facegen.models.deconv import Deconv
        >>> names = {"emotion": ["happy", "neutral"], "orientation": ["sin", "cos"]}
        >>> panel = for_model(Deconv(names, start=(5, 4), depth=1, kernels=[4], dense=8))
        >>> type(panel).__name__, panel.image.shape
        ('ConditionPanel', (20, 16, 3))
    """
    return (AttributePanel if set(model.names) == {ATTRIBUTES} else ConditionPanel)(model, seed, side)


def page(folder: str | Path) -> widgets.Widget:
    """What the served page shows for a bundle: its panel, or in words what is wrong with it.

    Example:
        >>> from facegen import models
        >>> model = models.GAN({"attributes": ["Smiling"]}, size=16, width=2, discriminator_width=2)
        >>> folder = models.save(model, "my-gan")
        >>> page(folder).image.shape, "nowhere" in page("nowhere").value
        ((16, 16, 3), True)
    """
    from facegen.models import saving

    try:
        return for_model(saving.load(folder), side=LARGE)
    except FacegenError as error:
        return widgets.HTML(f'<p role="alert">{html.escape(str(error))}</p>')
