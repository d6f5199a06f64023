"""The reference, the schemas and the table of meanings stay true to the classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from app.spec.meanings import meanings
from app.spec.portal import SECTIONS
from app.spec.portal_settings import PortalSettings, Regime
from app.spec.reference import pages, parts_of
from app.spec.schema import schemas
from app.spec.shapes import fields_of

ROOT = Path(__file__).parents[3]
GOOD = ROOT / "tests" / "configs" / "good"


def test_every_key_has_a_meaning_and_every_meaning_a_key() -> None:
    """A new key of the language cannot stay unexplained."""
    models = {part for root in (PortalSettings, Regime, *SECTIONS.values()) for part in parts_of(root)}
    common = meanings()["common"].keys()
    for model in models:
        keys, explained = set(fields_of(model)), meanings()[model.__name__].keys()
        assert keys - common - explained == set(), model.__name__
        assert explained - keys == set(), model.__name__
    assert meanings().keys() - {"common"} == {model.__name__ for model in models}


@pytest.mark.parametrize("name", sorted(pages()))
def test_pages_are_up_to_date(name: str) -> None:
    """Run `python run.py reference` after a change of the classes."""
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == pages()[name]


@pytest.mark.parametrize("name", sorted(schemas()))
def test_schemas_are_up_to_date_and_sound(name: str) -> None:
    """Run `python run.py schema` after a change of the classes."""
    written = json.loads((ROOT / "docs" / "reference" / name).read_text(encoding="utf-8"))
    assert written == schemas()[name]
    jsonschema.Draft202012Validator.check_schema(written)


def _validator(path: Path) -> jsonschema.Draft202012Validator:
    name = {"checklists": "checklist", "report_templates": "report"}.get(path.parts[0], "ducha")
    return jsonschema.Draft202012Validator(schemas()[f"{name}.schema.json"])


def _as_editor(path: Path) -> Any:
    """The file as an editor's YAML 1.2 reads it, which knows no dates."""
    plain = yaml.BaseLoader(path.read_text(encoding="utf-8"))
    node = plain.get_single_node()
    plain.dispose()
    return _value(node)


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(element) for element in node.value]
    if node.style is None:
        if node.value in ("~", "null", ""):
            return None
        if node.value in ("true", "false"):
            return node.value == "true"
        try:
            return float(node.value) if "." in node.value else int(node.value)
        except ValueError:
            pass
    return node.value


FILES = sorted(
    path
    for folder in (GOOD / "rich", ROOT / "config", ROOT / "checklists", ROOT / "report_templates")
    for path in folder.rglob("*.yaml")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_schemas_accept_what_check_accepts(path: Path) -> None:
    """No red line in the editor under YAML that is sound."""
    root = GOOD / "rich" if path.is_relative_to(GOOD) else ROOT
    errors = list(_validator(path.relative_to(root)).iter_errors(_as_editor(path)))
    assert [f"{error.json_path}: {error.message}"[:300] for error in errors] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ducha", {"recods": {}}),
        ("ducha", {"records": {"r": {"fields": {"a": {"type": "txt"}}}}}),
        ("ducha", {"records": {"r": {"feilds": {}}}}),
        ("ducha", {"choices": {"Bad Name": {"options": {}}}}),
        ("ducha", {"choices": {"c": {"title": "x"}}}),
        ("ducha", {"penalty_schedules": {"p": {"levels": {"a": {"amount": "much"}}}}}),
        ("checklist", {"sections": [{"items": []}]}),
        ("checklist", {"scoring": {"method": "guess"}}),
        ("report", {"of": "year"}),
    ],
)
def test_schemas_refuse_what_check_refuses(name: str, value: object) -> None:
    """Unknown keys, words, kinds of value, and keys that are missing."""
    validator = jsonschema.Draft202012Validator(schemas()[f"{name}.schema.json"])
    assert list(validator.iter_errors(value))
