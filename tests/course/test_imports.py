"""The package's rooms, and that imports go one way."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import facegen

PACKAGE = Path(facegen.__file__).parent
# Each room may import those before it; CONTRIBUTING says what each is for.
FLOW = (
    "utils", "conditions", "data", "viz", "clay", "models", "metrics", "training", "panel", "course", "cli",
)  # fmt: skip


def modules() -> dict[str, Path]:
    names = {
        path: ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


def imported(path: Path, known: set[str], types: bool = True) -> set[str]:
    """The package's modules that one imports, those within functions included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in known}
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            within = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (within & known) | ({node.module} if within - known else set())
    return found


def room(module: str) -> str:
    return module.split(".")[1]


GRAPH = {name: imported(path, {*modules()}) for name, path in modules().items()}


def test_twelve_rooms():
    entries = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith("__")}
    assert entries == {*FLOW} and len(FLOW) + 1 <= 12  # with __init__.py


def test_imports_go_one_way():
    arrows = {(a, b) for a, found in GRAPH.items() for b in found if "." in a and "." in b}
    back = {(a, b) for a, b in arrows if FLOW.index(room(a)) < FLOW.index(room(b))}
    assert back == set()


def test_no_module_imports_itself_by_way_of_others():
    TopologicalSorter(
        {a: found - {a} for a, found in GRAPH.items() if a != "facegen"}
    ).prepare()  # or CycleError


def test_conditions_know_no_network():
    for name, path in modules().items():
        if (
            room(f"{name}.") in ("utils", "conditions", "data", "viz", "clay")
            and name != "facegen.data.loader"
        ):
            heavy = {
                n.split(".")[0] for node in ast.walk(ast.parse(path.read_text("utf-8"))) for n in _roots(node)
            }
            assert not heavy & {"keras", "tensorflow", "jax", "torch"}, name


def _roots(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
