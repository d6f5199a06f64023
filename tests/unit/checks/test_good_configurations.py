"""Sound configurations: nothing is reported, nothing is missed, and mutations of them never crash."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.checks import run_checks
from app.checks.not_yet import NOT_YET_SERVED
from app.checks.run import CHECKS
from app.commands.check import read_folder
from app.source import Diagnostic, Sources, parse_files
from app.source.files import collect_files
from app.spec.assemble import kernel_sources
from app.spec.decode import decode_parts
from tests.support.configurations import GOOD

ALLOWED = ("NYS001", "UNS001", "EXM003")
RICH = collect_files(GOOD / "rich").files


@pytest.mark.parametrize("name", sorted(folder.name for folder in GOOD.iterdir()))
def test_good_configurations_have_no_fault(name: str) -> None:
    """Warnings of what is left open or not served yet are all that may be said."""
    found = read_folder(GOOD / name).diagnostics
    assert [(one.code, str(one.span)) for one in found if one.code not in ALLOWED] == []


def test_the_rich_one_uses_every_part_that_is_not_served_yet() -> None:
    """Each row of the table is found where it is written."""
    found = read_folder(GOOD / "rich").diagnostics
    told = {str(one.params["name"]) for one in found if one.code == "NYS001"}
    assert told | {"penalty_schedules.not_with", "transitions.approve"} >= NOT_YET_SERVED.keys()


def test_every_check_says_which_code_it_gives() -> None:
    """Its docstring is where a reader looks first."""
    assert all(check.__doc__ and len(check.__doc__) > 30 for check in CHECKS)
    assert len(set(CHECKS)) == len(CHECKS)


def _diagnose(files: dict[str, bytes]) -> tuple[Sources, list[Diagnostic]]:
    sources = parse_files(files)
    decoded = decode_parts(sources)
    return sources, [*decoded.diagnostics, *run_checks(decoded.portal, decoded)]


def _misplaced(sources: Sources, found: list[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics whose place lies outside of its file, or that have no words."""
    kernel = kernel_sources()
    wrong = []
    for one in found:
        lines = sources.lines(one.span.file) or kernel.lines(one.span.file) or ()
        line = lines[one.span.line - 1] if 1 <= one.span.line <= len(lines) else None
        placed = not lines or (line is not None and 1 <= one.span.column <= len(line) + 1)
        if not placed or not one.message() or not isinstance(one.hint_text(), str):
            wrong.append(one)
    return wrong


_SPLINTERS = (
    "~", "[]", "{}", "''", "x", "0", "-1", "1e9", "true", "{a: b}", "[a]", "a: b", "\n", "  ", "'", '"', "{",
    "}", "[", "]", ":", ",", "#", "&a ", "*a", "!t ", "<<: ", "%", "extends: conduct", "drop: [a]", "质",
    "when: level", "unit.head", "role.hr", "same day", "{now:%Y}", ">= 98 %", "common.", "person",
)  # fmt: skip


def _mutated(text: str, seed: int) -> str:
    """`text` with a few random cuts, copies and insertions."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        to = min(len(text), at + chance.randint(0, 20))
        kind = chance.randrange(4)
        if kind == 0:
            text = text[:at] + text[to:]
        elif kind == 1:
            text = text[:to] + text[at:]
        elif kind == 2:
            text = text[:at] + chance.choice(_SPLINTERS) + text[at:]
        else:
            words = text.split(" ")
            first, second = chance.randrange(len(words)), chance.randrange(len(words))
            words[first], words[second] = words[second], words[first]
            text = " ".join(words)
    return text


@given(st.sampled_from(sorted(RICH)), st.integers(0, 10**9))
@settings(max_examples=120, deadline=None)
def test_mutations_of_sound_yaml_never_raise(path: str, seed: int) -> None:
    """Whatever is typed, the answer is a list of diagnostics at places inside the files."""
    mutated = _mutated(RICH[path].decode(), seed)
    sources, found = _diagnose({**RICH, path: mutated.encode()})
    assert _misplaced(sources, found) == []


def _paths(value: object, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every part of a tree."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [path for key, part in parts for path in _paths(part, (*above, key))]
    return [above, *below] if above else below


def _part(tree: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


TREES = {path: yaml.load(data, yaml.BaseLoader) for path, data in RICH.items() if path.endswith(".yaml")}
PARTS = [_part(tree, path) for tree in TREES.values() for path in _paths(tree)]


@given(st.sampled_from(sorted(TREES)), st.integers(0, 10**9))
@settings(max_examples=80, deadline=None)
def test_parts_in_wrong_places_never_raise(path: str, seed: int) -> None:
    """A part is left out, or takes the place of another: all of it is still YAML."""
    chance = random.Random(seed)
    tree = copy.deepcopy(TREES[path])
    for _ in range(3):
        *above, last = chance.choice(_paths(tree) or [("x",)])
        if chance.random() < 0.3:
            _part(tree, tuple(above)).pop(last, None) if isinstance(last, str) else None
        else:
            _part(tree, tuple(above))[last] = copy.deepcopy(chance.choice([*PARTS, *_SPLINTERS]))
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
    sources, found = _diagnose({**RICH, path: text.encode()})
    assert _misplaced(sources, found) == []


@given(st.sampled_from(sorted(RICH)), st.integers(0, 10**6), st.binary(min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_damaged_bytes_never_raise(path: str, at: int, noise: bytes) -> None:
    """Also where the file is no text any more."""
    data = RICH[path]
    spot = at % (len(data) + 1)
    sources, found = _diagnose({**RICH, path: data[:spot] + noise + data[spot:]})
    assert _misplaced(sources, found) == []


@given(st.sampled_from(sorted(RICH)))
@settings(max_examples=10, deadline=None)
def test_a_missing_file_never_raises(path: str) -> None:
    """What it declared is reported where it is used."""
    sources, found = _diagnose({name: data for name, data in RICH.items() if name != path})
    assert _misplaced(sources, found) == []


def test_the_answer_does_not_depend_on_the_order_of_files() -> None:
    """Diagnostics and declarations are the same whichever file is read first."""
    ordered = _diagnose(dict(RICH))[1]
    turned = _diagnose(dict(reversed(RICH.items())))[1]
    assert {(one.code, one.span) for one in ordered} == {(one.code, one.span) for one in turned}


def test_the_portals_own_configuration_is_sound() -> None:
    """What is shipped passes its own check."""
    checked = read_folder(Path(__file__).parents[3])
    assert [(one.code, str(one.span)) for one in checked.diagnostics if one.severity == "error"] == []
    assert checked.examples.failed == ()
