"""Public names of a package that are imported when they are first asked for, and not before (PEP 562).

`import facegen` must cost no more than NumPy: so a package names where its public names live, and
TensorFlow, Keras, numba or ipywidgets load with the first one that needs them.
"""

from collections.abc import Callable, Mapping
from importlib import import_module


def exports(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """What a package's `__getattr__` and `__dir__` are to be.

    Args:
        package: its name.
        homes: public name -> the module that has it, within the package.

    Example:
        >>> find, names = exports("facegen", {"FacegenError": "utils.errors"})
        >>> find("FacegenError").__module__, names()
        ('facegen.utils.errors', ['FacegenError'])
    """

    def find(name: str) -> object:
        if name in homes:
            return getattr(import_module(f"{package}.{homes[name]}"), name)
        if name.startswith("__"):  # what Python itself asks of modules is no module
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:  # a module: `facegen.course`, without an import of it
            return import_module(f"{package}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{name}":
                raise
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None

    return find, lambda: sorted(homes)
