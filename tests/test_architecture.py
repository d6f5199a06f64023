"""The house keeps its order: layers, walls, sizes, no rings, nothing caught in general."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.architecture import (
    MAX_FUNCTION_LINES,
    MAX_MODULE_LINES,
    Module,
    in_a_ring,
    modules,
    through_a_wall,
    too_broad,
    too_large,
    wrong_direction,
)

ROOT = Path(__file__).parents[1]
FOUND = modules(ROOT)
RULES = (wrong_direction, through_a_wall, too_large, too_broad)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_program_keeps_the_rule(rule) -> None:  # type: ignore[no-untyped-def]
    """What breaks it is named with its line."""
    assert [said for module in FOUND for said in rule(module)] == []


def test_no_module_loads_itself_in_a_ring() -> None:
    """Each can be read, and loaded, before those that use it."""
    assert list(in_a_ring(FOUND)) == []


def test_the_whole_program_was_looked_at() -> None:
    """The rules would hold of an empty folder too."""
    assert {"app.cli", "app.source", "app.spec.decode", "app.checks.run"} <= {one.name for one in FOUND}


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (wrong_direction, "app/spec/x.py", "from app.checks import run\n"),
        (wrong_direction, "app/source/x.py", "import app.web.urls\n"),
        (wrong_direction, "app/rules/x.py", "from app.access import policy\n"),
        (wrong_direction, "app/spec/x.py", "from ..checks import run\n"),
        (wrong_direction, "app/checks/x.py", "def f():\n    from app.rules import scoring\n"),
        (wrong_direction, "app/helpers/x.py", "import os\n"),
        (through_a_wall, "app/spec/x.py", "import yaml\n"),
        (through_a_wall, "app/rules/x.py", "from sqlalchemy.orm import Session\n"),
        (through_a_wall, "app/web/x.py", "import xhtml2pdf.pisa\n"),
        (through_a_wall, "app/actions/x.py", "def f():\n    from flask_appbuilder import Model\n"),
        (too_large, "app/spec/x.py", "x = 1\n" * (MAX_MODULE_LINES + 1)),
        (too_large, "app/spec/x.py", "def f():\n" + "    x = 1\n" * MAX_FUNCTION_LINES),
        (too_large, "app/spec/x.py", "class C:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(26))),
        (too_broad, "app/spec/x.py", "try:\n    f()\nexcept Exception:\n    pass\n"),
        (too_broad, "app/spec/x.py", "try:\n    f()\nexcept:\n    pass\n"),
        (too_broad, "app/spec/x.py", "try:\n    f()\nexcept (OSError, BaseException) as e:\n    pass\n"),
    ],
)
def test_each_rule_sees_what_breaks_it(rule, path: str, text: str) -> None:  # type: ignore[no-untyped-def]
    """A fault that is planted is found."""
    assert list(rule(Module(path, text)))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (wrong_direction, "app/checks/x.py", "from app.spec import portal\nfrom app.checks import run\n"),
        (wrong_direction, "app/commands/x.py", "from app.web import create_app\n"),
        (wrong_direction, "app/cli.py", "from app.commands import check\n"),
        (through_a_wall, "app/source/x.py", "import yaml\n"),
        (too_large, "app/spec/x.py", "def f():\n    '''" + "words\n" * 80 + "'''\n"),
        (too_broad, "app/cli.py", "try:\n    f()\nexcept Exception:\n    pass\n"),
        (too_broad, "app/spec/x.py", "try:\n    f()\nexcept OSError:\n    pass\n"),
        (too_broad, "app/spec/x.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise\n"),
    ],
)
def test_no_rule_sees_what_is_allowed(rule, path: str, text: str) -> None:  # type: ignore[no-untyped-def]
    """What the house allows is not reported."""
    assert list(rule(Module(path, text))) == []


def test_a_planted_ring_is_found_once() -> None:
    """Only imports that run while a module is loaded make one."""
    ring = [
        Module("app/spec/a.py", "from app.spec import b\n"),
        Module("app/spec/b.py", "from app.spec.c import x\n"),
        Module("app/spec/c.py", "import app.spec.a\n"),
        Module("app/spec/d.py", "def f():\n    import app.spec.a\n"),
    ]
    assert list(in_a_ring(ring)) == ["app.spec.a -> app.spec.b -> app.spec.c -> app.spec.a"]
