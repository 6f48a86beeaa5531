"""Make the outputs of an executed notebook fit to be read and to be committed.

Out go progress bars, the chatter of libraries on stderr and the state of widgets. A widget that
shows pictures leaves these behind, so that a page without a running kernel still shows them.
"""

import re

from nbformat import NotebookNode
from nbformat.v4 import new_output

WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = {"png": "image/png", "jpeg": "image/jpeg", "jpg": "image/jpeg", "gif": "image/gif"}
TOLD = (*PICTURES.values(), "image/svg+xml")  # kinds that carry a text about what they show
LARGE = 120_000  # characters of base64: beyond that a sheet of faces is better off as JPEG
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PROGRESS = re.compile(r"\d+%\|.*\||\d+it \[\d|\[\d+:\d\d<|━|[\d.]+(s/it|it/s)")
CHATTER = re.compile(
    r"^(WARNING: All log messages before absl|To enable the following instructions|\[IPKernelApp\] WARNING"
    r"|\d\.\d\ds - |[IWE]\d{4} \d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] )"
)

WAITING = re.compile(r": waiting for another process ")  # of the course, which runs beside this one


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Tidy an executed notebook in place, and return it."""
    state = notebook.metadata.pop("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["kernelspec"] = kernel
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = list(_outputs(cell.outputs, state.get("state", {})))
    return notebook


def _outputs(outputs: list[NotebookNode], widgets: dict):
    """Yield the outputs of a cell that are worth keeping."""
    for output in outputs:
        if output.output_type == "stream":
            output.text = settle(output.text, quiet=output.name == "stderr")
            if output.text.strip():
                yield output
        elif WIDGET in output.get("data", {}):
            yield from pictures_of(output.data[WIDGET]["model_id"], widgets)
        else:
            if "data" in output:
                _lean(output)
            yield output


def _lean(output: NotebookNode) -> None:
    """Keep one form of a picture that comes as PNG, JPEG and HTML: PNG, unless that is large; no address."""
    data = output.data
    if {"image/png", "image/jpeg"} <= data.keys():
        out = "image/jpeg" if len(data["image/png"]) <= LARGE else "image/png"
        del data[out]
        output.metadata.pop(out, None)
    if any("alt" in output.get("metadata", {}).get(kind, {}) for kind in TOLD):
        data.pop("text/html", None)  # that is for whoever sits before the notebook
    if "text/plain" in data:
        data["text/plain"] = re.sub(r" at 0x[0-9A-Fa-f]+>", ">", data["text/plain"])


def settle(text: str, quiet: bool = False) -> str:
    """Return text as a terminal would show it in the end: after all carriage returns and backspaces.

    With `quiet`, lines that are progress bars or the chatter of libraries are left out.
    """
    lines = [_overwrite(CONTROL.sub("", line)) for line in text.replace("\r\n", "\n").split("\n")]
    lines = [line for line in lines if not WAITING.search(line)]
    if quiet:
        kept = [x for x in lines if not PROGRESS.search(x) and not CHATTER.search(x)]
        lines = kept if any(x.strip() for x in kept) else []
    return "\n".join(lines)


def _overwrite(line: str) -> str:
    """Return the last thing that was written over a line."""
    line = re.sub("\x08+", "\r", line)
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")


def pictures_of(model: str, widgets: dict):
    """Yield an image output for each picture in a saved widget and the widgets inside it."""
    widget = widgets.get(model, {})
    kind = PICTURES.get(widget.get("state", {}).get("format", "").lower())
    for buffer in widget.get("buffers", []):
        if widget.get("model_name") == "ImageModel" and kind and buffer["path"] == ["value"]:
            words = "The face that a live panel shows: run the notebook to use it."
            data = {kind: buffer["data"], "text/plain": words}
            yield new_output("display_data", data, metadata={kind: {"alt": words}})
    for child in widget.get("state", {}).get("children", []):
        yield from pictures_of(child.removeprefix("IPY_MODEL_"), widgets)
