"""Public names that load when they are asked for."""

import pkgutil
from importlib import import_module

import pytest

import facegen
from facegen import clay

ROOMS = [
    "facegen",
    *(f"facegen.{found.name}" for found in pkgutil.iter_modules(facegen.__path__) if found.ispkg),
]
LAZY = [name for name in ROOMS if "__getattr__" in vars(import_module(name))]


@pytest.mark.parametrize("name", LAZY)
def test_no_public_name_is_a_modules_name(name):
    """Python would put the module in its place, as soon as anybody imports it."""
    package = import_module(name)
    modules = {found.name for found in pkgutil.iter_modules(package.__path__)}
    assert modules.isdisjoint(dir(package))


def test_a_name_is_the_same_however_often_it_is_asked_for():
    for name in dir(clay):
        assert getattr(clay, name) is getattr(clay, name)
