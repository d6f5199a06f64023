"""Nothing of the language is read and then forgotten: every key of every declaration is used somewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from app.checks.not_yet import NOT_YET_SERVED
from app.spec.base import Strict
from app.spec.portal import SECTIONS
from app.spec.reports import Report

APP = Path(__file__).resolve().parents[3] / "app"
RESOLVED_BEFORE = frozenset({"extends", "was", "drop"})
"""Keys that the reader of the YAML itself acts on, before anybody sees the declaration."""
ONLY_SAID: Mapping[str, str] = {
    "Standard.replaces": "says where a standard comes from; `check` sees that it exists",
}
"""Keys that are there to be read by people. Every other one makes a difference."""
SHARED = frozenset({"environments.py", "values.py", "duty_words.py"})
"""Modules of the checks that the release is made with, too."""
NOT_YET: Mapping[str, str] = {
    "Dashboard": "dashboards", "Tile": "dashboards", "Survey": "surveys", "Dimension": "surveys",
    "Indicator": "indicators", "Issue": "reports.issue", "Report.issue": "reports.issue",
    "PublicAccess": "records.public", "RecordType.public": "records.public",
    "RecordType.retention": "records.retention", "RecordType.read_after_days": "records.read_after_days",
    "Effect.lock": "effects.lock", "Transition.approve": "transitions.approve",
}  # fmt: skip
"""Model or key -> the row of NOT_YET_SERVED that warns of it: each goes when its row goes."""


def _all(kind: type[Strict]) -> Iterator[type[Strict]]:
    for one in kind.__subclasses__():
        yield one
        yield from _all(one)


MODELS = sorted(
    {one for one in _all(Strict) if one.__module__.startswith("app.spec.")}, key=lambda one: one.__name__
)
KEYS = [(model, key) for model in MODELS for key in model.model_fields]


@cache
def _read() -> frozenset[str]:
    """Names that are read from something, or written as text (a key that a loop goes through), outside of the
    rooms that only read and judge the YAML."""
    found: set[str] = set()
    for path in APP.rglob("*.py"):
        room = path.relative_to(APP).parts[0]
        if room == "source" or (room == "checks" and path.name not in SHARED):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and room != "spec":
                found.add(node.value)
    return frozenset(found)


def _excused(model: type[Strict], key: str) -> bool:
    row = NOT_YET.get(model.__name__) or NOT_YET.get(f"{model.__name__}.{key}")
    return row in NOT_YET_SERVED or f"{model.__name__}.{key}" in ONLY_SAID


@pytest.mark.parametrize(("model", "key"), KEYS, ids=[f"{model.__name__}.{key}" for model, key in KEYS])
def test_the_key_makes_a_difference(model: type[Strict], key: str) -> None:
    """Some module reads it; one that none reads is in the table of what is declared and not yet served."""
    assert key in RESOLVED_BEFORE or key in _read() or _excused(model, key)


def test_every_section_was_looked_at() -> None:
    """The table would be short if a module of declarations were not loaded."""
    assert {*SECTIONS.values(), Report} <= set(MODELS)
    assert len(KEYS) > 250


def test_excuses_are_needed() -> None:
    """A row that is served, or a model that is gone, leaves no excuse behind."""
    names = {model.__name__ for model in MODELS} | {f"{model.__name__}.{key}" for model, key in KEYS}
    assert {*NOT_YET, *ONLY_SAID} <= names
    assert {NOT_YET[name] for name in NOT_YET} <= NOT_YET_SERVED.keys()
