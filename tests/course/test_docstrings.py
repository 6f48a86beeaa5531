"""The examples in the package's docstrings: they run, and every public name has one that compares a value."""

import ast
import doctest
import inspect
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import folders
import numpy as np
import pytest

import facegen
from facegen.utils.logging import logger

PACKAGE = Path(facegen.__file__).parent
# Those that have a front door, `lazy.exports` or `__all__`: what it names is public.
ROOMS = (
    "facegen", "facegen.conditions", "facegen.data", "facegen.viz", "facegen.clay", "facegen.models",
    "facegen.metrics", "facegen.training", "facegen.panel",
)  # fmt: skip
# Of these, all that does not begin with an underscore is public.
MODULES = (
    "facegen.course", "facegen.course.exercises", "facegen.conditions.interpolation",
    "facegen.conditions.kinds", "facegen.models.layers", "facegen.models.gan", "facegen.models.dcgan",
    "facegen.models.deconv", "facegen.models.flow", "facegen.models.losses", "facegen.models.samplers",
    "facegen.models.unet", "facegen.training.checkpoints", "facegen.training.recipes",
)  # fmt: skip
Node = ast.Module | ast.ClassDef | ast.FunctionDef


def path_of(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def module_names() -> list[str]:
    paths = (path.relative_to(PACKAGE.parent).with_suffix("") for path in sorted(PACKAGE.rglob("*.py")))
    return [".".join(path.parts).removesuffix(".__init__") for path in paths]


def documented(node: ast.AST, name: str = "") -> Iterator[tuple[str, Node]]:
    """A module, its classes and functions, and theirs, each with its name in the module."""
    yield name, node
    for inner in node.body:
        if isinstance(inner, ast.ClassDef | ast.FunctionDef):
            yield from documented(inner, f"{name}.{inner.name}".strip("."))


def parsed(module: str) -> ast.Module:
    return ast.parse(path_of(module).read_text("utf-8"))


# (module, name in it) -> its docstring; nothing is imported for it
EXAMPLES = {
    (module, name): text
    for module in module_names()
    for name, node in documented(parsed(module))
    if ">>>" in (text := ast.get_docstring(node) or "")
}


def public() -> Iterator[tuple[str, str]]:
    """(module, name) of all that is to have an example."""
    for room in ROOMS:
        module = import_module(room)
        yield from ((room, name) for name in getattr(module, "__all__", None) or module.__dir__())
    for module in MODULES:
        names = (name for name, _ in documented(parsed(module)) if name and "." not in name)
        yield from ((module, name) for name in names if not name.startswith("_"))


def named(pairs) -> list:
    return [pytest.param(module, name, id=f"{module}.{name}") for module, name in pairs]


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> Path:
    """CelebA and RaFD, tiny ones, in folders of these names."""
    folder = tmp_path_factory.mktemp("sets")
    folders.celeba(folder / "celeba", count=8)
    folders.rafd(folder / "rafd", gazes=("frontal",))
    return folder


@pytest.fixture
def prepared(sets, tmp_path, monkeypatch) -> Iterator[dict[str, object]]:
    """What examples may take for granted: names, and a working folder of their own that has both sets."""
    shutil.copytree(sets, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for name, value in {"SCALE": "smoke", "DATA": ".", "BUILD": "build"}.items():
        monkeypatch.setenv(f"FACEGEN_{name}", value)  # and is restored, if an example sets it
    level = logger.level
    yield {
        "np": np,
        "facegen": facegen,
        "faces": facegen.read("celeba"),  # 8 people; partitions, attributes
        "heads": facegen.read("rafd"),  # 3 people, 2 emotions, 3 angles
    }
    logger.setLevel(level)


@pytest.mark.parametrize("module, name", named(EXAMPLES))
def test_example_says_what_happens(module, name, prepared):
    names = {**prepared, **vars(import_module(module))}
    test = doctest.DocTestParser().get_doctest(EXAMPLES[module, name], names, f"{module}.{name}", None, 0)
    told: list[str] = []
    outcome = doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert not outcome.failed, "".join(told)


@pytest.mark.parametrize("module, name", named(public()))
def test_public_name_has_an_example_that_compares_a_value(module, name):
    thing = getattr(import_module(module), name)
    if not callable(thing) or (inspect.isclass(thing) and issubclass(thing, Exception)):
        return  # a table is its own example; an error is shown by what raises it
    assert any(example.want for example in doctest.DocTestParser().get_examples(thing.__doc__ or ""))


def test_no_example_is_skipped():
    skipped = [
        where
        for where, text in EXAMPLES.items()
        for example in doctest.DocTestParser().get_examples(text)
        if doctest.SKIP in example.options
    ]
    assert skipped == []
