"""Live panels: controls, and at once the face that they ask for.

    AttributePanel(model)     a toggle for each of the 40 attributes
    ConditionPanel(model)     people and emotions mixed, heads turned
    of(model)                 the one that fits
    serve(folder)             the same as a page of its own, see `facegen panel`

A panel is a widget: the last value of a notebook's cell, in JupyterLab, Notebook, Voila or Colab.
"""

from importlib import import_module

_HOME = {
    "AttributePanel": "toggles",
    "ConditionPanel": "mixer",
    "of": "choose",
    "page": "choose",
    "serve": "server",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(f"facegen.panel.{_HOME[name]}"), name)
    raise AttributeError(f"module 'facegen.panel' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
