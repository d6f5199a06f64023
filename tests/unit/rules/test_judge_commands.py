"""`assess` and `score` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli

RULES = """
penalty_schedules:
  tariff:
    title: 处罚标准
    facts: {harmless: {type: boolean, title: 无损失}}
    levels: {minor: 20, major: {amount: ~}}
    decided_by: [{who: unit.head}]
    joint_liability: [{person: offender.superior, share: 50 %, when: level == 'minor'}]
    exempt: [{when: harmless, instead: training}]
    sanctions: {training: 培训}
"""
CHECKLIST = """
title: 检查表
scoring: {method: deduct, full: 100, pass: 85}
sections:
  - id: s
    title: 一
    items:
      - id: uniform
        title: 制服
        points: 20
        on_fail: {class: breach, level: minor, rectify: 1 day, evidence: photo}
      - {id: hair, title: 头发, points: 5}
"""
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run(*arguments)` in a folder with a small portal."""
    files = {
        "config/portal.yaml": "portal: {title: 测试, regimes: [house]}",
        "config/regimes/house/regime.yaml": "regime: {title: 条例}",
        "config/regimes/house/rules.yaml": RULES,
        "checklists/house/list.yaml": CHECKLIST,
        "answers.yaml": "uniform: {value: fail, remark: 脏, photos: [a.jpg]}\nhair: na\n",
        "wrong.yaml": "unifrom: fail\nhair: {value: pass, remak: x}\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def invoke(*arguments: str) -> Result:
        named = [str(tmp_path / one) if one in files or one == "missing.yaml" else one for one in arguments]
        return CliRunner().invoke(cli, ["--root", str(tmp_path), "--lang", "en", *named])

    return invoke


def test_assess_in_words(run: Run) -> None:
    """People, amounts, and the tree of reasons with places."""
    done = run(
        "assess", "tariff", "--set", "level=minor", "--set", "offender=李", "--set", "offender.superior=王"
    )
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0] == "Penalty schedule: minor"
    assert lines[1] == "the person in breach (李): 20.00 CNY"
    assert lines[2] == "  - level minor: 20.00 CNY  [config/regimes/house/rules.yaml:6]"
    assert "the direct superior of the person in breach (王): 10.00 CNY" in lines


def test_assess_as_json(run: Run) -> None:
    """The documented shape."""
    done = run("assess", "house.tariff", "--set", "level=minor", "--set", "harmless=yes", "--format", "json")
    told = json.loads(done.output)
    assert (told["schedule"], told["penalties"], told["exempt"]["instead"]) == (
        "house.tariff",
        [],
        "training",
    )
    assert set(told["exempt"]["because"][0]) >= {"rule", "file", "line", "text"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["assess", "tarif"], "did you mean 'tariff'"),
        (["assess", "tariff", "--set", "level=mino"], "did you mean 'minor'"),
        (["assess", "tariff", "--set", "level=minor", "--set", "harmles=yes"], "did you mean 'harmless'"),
        (["assess", "tariff"], "the level is needed"),
        (["assess", "tariff", "--set", "level=minor", "--set", "at=soon"], "'soon' is no time for at"),
        (["assess", "tariff", "--set", "level=minor", "--set", "joint=perhaps"], "neither true nor false"),
        (["assess", "tariff", "--set", "level=minor", "--set", "earlier=-1"], "whole number"),
        (["score", "lists", "answers.yaml"], "did you mean 'list'"),
        (["score", "list", "wrong.yaml"], "did you mean 'uniform'"),
        (["score", "list", "wrong.yaml"], "did you mean 'remark'"),
        (["score", "list", "answers.yaml", "--set", "kind=x"], "neither an item nor a fact"),
        (["score", "list", "config/portal.yaml"], "an answer has no key 'title'"),
    ],
)
def test_wrong_names_are_said_with_the_near_one(run: Run, arguments: list[str], words: str) -> None:
    """Exit 1 and clear words."""
    done = run(*arguments)
    assert (done.exit_code, words in done.output) == (1, True), done.output


@pytest.mark.parametrize("given", ["level", "=x"])
def test_a_pair_that_is_none(run: Run, given: str) -> None:
    """`--set` wants NAME=VALUE."""
    done = run("assess", "tariff", "--set", given)
    assert done.exit_code == 2
    assert "is not NAME=VALUE" in done.output


def test_the_same_fact_twice(run: Run) -> None:
    """Which one counts would be a guess."""
    done = run("assess", "tariff", "--set", "level=minor", "--set", "level=major")
    assert "given twice" in done.output


def test_score_in_words(run: Run) -> None:
    """Score, verdict, items, and what failures become."""
    done = run("score", "list", "answers.yaml")
    assert done.exit_code == 0
    assert "score 80.0" in done.output
    assert "not passed: less than 85" in done.output
    assert "制服: not passed; 20 of 20 points lost  [checklists/house/list.yaml:8]" in done.output
    assert "finding: 制服 (breach minor), to be put right: 1 day — 脏" in done.output


def test_score_as_json(run: Run) -> None:
    """The documented shape; the time to put it right has an offset."""
    told = json.loads(run("score", "house.list", "answers.yaml", "--format", "json").output)
    assert (told["score"], told["base"], told["passed"]) == ("80.0", "20", False)
    assert told["findings"][0]["rectify_by"].endswith("+00:00")
    assert told["lacking"] == []


@pytest.mark.parametrize(
    "command", [["assess", "tariff", "--set", "level=minor"], ["score", "list", "answers.yaml"]]
)
def test_a_portal_with_faults_is_not_judged(run: Run, tmp_path: Path, command: list[str]) -> None:
    """The faults are printed, exit 1."""
    bad = tmp_path / "config/regimes/house/rules.yaml"
    bad.write_text(RULES.replace("share: 50 %", "share: half"), encoding="utf-8")
    done = run(*command)
    assert (done.exit_code, "PEN004" in done.output) == (1, True), done.output
