"""Live panels: controls, and at once the face that they ask for.

    AttributePanel(model)     a toggle for each of the 40 attributes
    ConditionPanel(model)     people and emotions mixed, heads turned
    for_model(model)          the one that fits
    serve(folder)             the same as a page of its own, see `facegen panel`

A panel is a widget: the last value of a notebook's cell, in JupyterLab, Notebook, Voila or Colab.
"""

from facegen.utils import lazy

__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "AttributePanel": "attributes",
        "ConditionPanel": "conditions",
        "for_model": "choose",
        "page": "choose",
        "serve": "server",
    },
)
