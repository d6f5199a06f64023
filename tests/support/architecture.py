"""The rules of the house, as functions over source files; each yields what breaks it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(layer.split())
    for layer in (
        "source", "spec", "expressions", "checks", "release", "rules access", "workflow", "storage reports",
        "actions", "jobs demo", "web", "commands cli",
    )
)  # fmt: skip
"""Packages of app/ from left to right; those in one layer may not import each other."""

WALLS: Mapping[str, frozenset[str]] = {
    "yaml": frozenset({"source"}),
    "sqlalchemy": frozenset({"storage", "expressions", "web"}),
    "xhtml2pdf": frozenset({"reports"}),
    "reportlab": frozenset({"reports"}),
    "flask_appbuilder": frozenset({"web"}),
    "flask_admin": frozenset({"web"}),
}
"""Library -> the only packages that may import it."""

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_METHODS = 25
BROAD_EXCEPTS = frozenset({"app/cli.py", "app/jobs/worker.py"})
"""Where everything may be caught, because it is reported there."""


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its path from the root of the repository, and its syntax tree."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def package(self) -> str:
        """The room it lies in: the folder below app/, or the module's own name."""
        parts = Path(self.path).parts
        return parts[1].removesuffix(".py") if len(parts) > 1 else ""

    @property
    def name(self) -> str:
        """Its dotted name."""
        dotted = self.path.removesuffix(".py").replace("/", ".")
        return dotted.removesuffix(".__init__")


def modules(root: Path) -> list[Module]:
    """Every source file of the program."""
    paths = sorted((root / "app").rglob("*.py"))
    return [Module(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a module imports, wherever it stands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield node.lineno, "." * node.level + (node.module or "")
            elif node.module:
                yield node.lineno, node.module
                yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def _layer(package: str) -> int | None:
    return next((number for number, layer in enumerate(LAYERS) if package in layer), None)


def wrong_direction(module: Module) -> Iterator[str]:
    """Imports of a package to the right, or beside, or by a relative path out of the package."""
    here = _layer(module.package)
    if here is None:
        if module.package not in ("", "__init__"):
            yield f"{module.path}: the package '{module.package}' has no place in the house"
        return
    for line, name in imports(module):
        if name.startswith("."):
            yield f"{module.path}:{line}: imports '{name}' by a relative path"
        if not name.startswith("app."):
            continue
        package = name.split(".")[1]
        there = _layer(package)
        if package != module.package and there is not None and (there > here or _beside(module, package)):
            yield f"{module.path}:{line}: '{module.package}' may not import '{package}'"


def _beside(module: Module, package: str) -> bool:
    """Two packages of one layer; the command line's parts are one room."""
    together = {module.package, package} == {"cli", "commands"}
    return _layer(package) == _layer(module.package) and not together


def through_a_wall(module: Module) -> Iterator[str]:
    """Imports of a library outside of the packages it is meant for."""
    for line, name in imports(module):
        allowed = WALLS.get(name.split(".")[0])
        if allowed is not None and module.package not in allowed:
            yield f"{module.path}:{line}: '{module.package}' may not import '{name}'"


def too_large(module: Module) -> Iterator[str]:
    """Modules, functions and classes over the limit; docstrings do not count."""
    lines = module.text.count("\n")
    if lines > MAX_MODULE_LINES:
        yield f"{module.path}: {lines} lines"
    for node in ast.walk(module.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = _length(node)
            if length > MAX_FUNCTION_LINES:
                yield f"{module.path}:{node.lineno}: {node.name} has {length} lines"
        elif isinstance(node, ast.ClassDef):
            methods = sum(isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) for part in node.body)
            if methods > MAX_METHODS:
                yield f"{module.path}:{node.lineno}: {node.name} has {methods} methods"


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def too_broad(module: Module) -> Iterator[str]:
    """`except:`, `except Exception` and `except BaseException` outside of the two places for it.

    What is only looked at and raised again is not caught.
    """
    if module.path in BROAD_EXCEPTS:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {getattr(one, "id", "") if one is not None else "everything" for one in caught}
            passed_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if names & {"everything", "Exception", "BaseException"} and not passed_on:
                yield f"{module.path}:{node.lineno}: catches everything"


def in_a_ring(found: list[Module]) -> Iterator[str]:
    """Modules that import each other in a ring while they are loaded."""
    names = {module.name for module in found}
    graph = {module.name: _loads(module, names) for module in found}
    state: dict[str, int] = {}
    for start in graph:
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(sorted(graph[start])))]
        while stack and state.get(start, 0) != 2:
            name, rest = stack[-1]
            state[name] = 1
            following = next(rest, None)
            if following is None:
                state[name] = 2
                stack.pop()
            elif state.get(following, 0) == 1:
                way = [step for step, _ in stack]
                yield " -> ".join((*way[way.index(following) :], following))
            elif state.get(following, 0) == 0:
                stack.append((following, iter(sorted(graph[following]))))


def _loads(module: Module, names: set[str]) -> set[str]:
    """The modules that loading `module` loads: imports at its top, and not those for type-checkers."""
    loaded: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, ast.Import):
            loaded |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            parts = {f"{node.module}.{name.name}" for name in node.names}
            loaded |= (parts & names) | ({node.module} if parts - names else set())
    return (loaded & names) - {module.name}
