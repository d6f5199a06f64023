# ruff: noqa: E501 -- rows of YAML read best on one line
"""Examples beside workflows: played on the machine that the portal uses, without a database."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from app.checks import run_checks
from app.rules.soundness import Known, judge_files
from app.spec.decode import load_portal
from app.spec.portal import Portal
from app.workflow import run_all_examples
from tests.support.portals import portal_from, write_files

ROOT = Path(__file__).parents[3]
FILES = {
    "config/portal.yaml": "portal: {title: 试验, timezone: Asia/Shanghai, calendar: office, regimes: [r]}\ncalendars: {office: {hours: {mon-fri: ['09:00-18:00']}}}\n",
    "config/regimes/r/records.yaml": """
        roles:
          clerk: {title: 文员, can: {note: [read all, shelve subtree, {verb: take, where: "kind == 'plain'"}]}}
          head: {title: 主管, can: {note: [read all]}}
        records:
          note:
            title: 通知单
            workflow: note
            fields:
              to: {type: person, title: 收件人}
              unit: {type: unit, title: 单位}
              kind: {type: choice, title: 类别, options: {plain: 一般, urgent: 紧急}}
              checked: {type: boolean, title: 已核对}
              sent_on: {type: date, title: 发出}
              done: {type: integer, title: 完成}
              wanted: {type: integer, title: 应完成}
              enough: {type: formula, title: 够了, gives: boolean, formula: done >= wanted}
              remark: {type: text, title: 备注}
              parts: {type: lines, title: 明细, fields: {ok: {type: boolean, title: 合格}}}
        """,
}
FILE = "config/regimes/r/workflow.yaml"
WORKFLOW = """workflows:
  note:
    title: 流转
    start: open
    states: {open: {title: 待办}, taken: {title: 办理中}, closed: {title: 已关闭, final: true}}
    transitions:
      take: {title: 接手, from: open, to: taken, by: [to, to.superior]}
      close: {title: 关闭, from: [open, taken], to: closed, by: [role.head, unit.head], not_by: [to], when: checked, refuse: 请先核对, require: [remark]}
      finish: {title: 办结, from: taken, to: closed, by: role.head, when: "enough and all(parts, ok)"}
      expire: {title: 过期, from: open, to: closed, by: role.head, when: today > sent_on + working_days(2)}
      shelve: {title: 搁置, from: taken, to: open}
      hurry: {title: 催办, from: open, to: open, by: [role.clerk, role.head], when: has_role('head') or count(note) > 3}
    examples:
"""
LINE = WORKFLOW.count("\n") + 1


def portal(tmp_path: Path, *examples: str) -> Portal:
    """The workflow with these examples."""
    text = WORKFLOW + indent("\n".join(f"- {one}" for one in examples), "      ") + "\n"
    return portal_from(tmp_path, {**FILES, FILE: text})


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        ("{move: close, remark: 好, checked: true}", "{state: closed}"),
        ("{move: close, remark: 好}", "{refused: 请先核对}"),
        ("{move: close, checked: true}", "{missing: remark, refused: true}"),
        ("{move: close, as: role.head, remark: 好, checked: true}", "{state: closed, refused: false, missing: []}"),
        ("{move: close, as: clerk, remark: 好, checked: true}", "{refused: true}"),
        ("{move: close, as: [role.clerk, role.head], remark: 好, checked: true}", "{state: closed}"),
        ("{move: close, me: li, unit.head: li, remark: 好, checked: true}", "{state: closed}"),
        ("{move: close, me: li, unit.head: wang, remark: 好, checked: true}", "{refused: true}"),
        ("{move: close, me: li, to: li, as: role.head, remark: 好, checked: true}", "{refused: true}"),
        ("{move: close, state: closed, remark: 好, checked: true}", "{refused: true}"),
        ("{move: take, me: li, to: wang, to.superior: li}", "{state: taken}"),
        ("{move: finish, state: taken, done: 3, wanted: 3, parts: [{ok: true}, {ok: true}]}", "{state: closed}"),
        ("{move: finish, state: taken, done: 2, wanted: 3, parts: [{ok: true}]}", "{refused: true}"),
        ("{move: finish, state: taken, done: 3, wanted: 3, parts: [{ok: true}, {ok: false}]}", "{refused: true}"),
        ("{move: expire, sent_on: 2026-03-06, now: 2026-03-10 23:59}", "{refused: true}"),
        ("{move: expire, sent_on: 2026-03-06, now: 2026-03-11 00:00}", "{state: closed}"),
        ("{move: shelve, state: taken, as: role.clerk, me.unit: hall, unit: hall}", "{state: open}"),
        ("{move: shelve, state: taken, as: role.clerk, me.unit: hall, unit: bar}", "{refused: true}"),
        ("{move: shelve, state: taken, as: role.clerk, me: li, unit: bar, unit.head: li}", "{state: open}"),
        ("{move: take, as: role.clerk, kind: plain}", "{state: taken}"),
        ("{move: take, as: role.clerk, kind: urgent}", "{refused: true}"),
        ("{move: hurry, as: role.head}", "{state: open}"),
        ("{move: hurry, as: role.clerk}", "{refused: true}"),
        ("{as: role.head, checked: true, remark: 好}", "{moves: [close, hurry]}"),
        ("{me: li, to: li, state: taken}", "{moves: []}"),
        ("{move: take, as: administrator}", "{state: taken}"),
        ("{move: close, this.checked: yes, remark: 好}", "{state: closed}"),
    ],
)  # fmt: skip
def test_examples_that_are_right_pass(tmp_path: Path, given: str, expect: str) -> None:
    """Guards, required fields, roles, paths to persons, separation of duties, rows of a role, times."""
    one = portal(tmp_path, f"{{given: {given}, expect: {expect}}}")
    assert [found.message() for found in run_checks(one) if found.severity == "error"] == []
    report = run_all_examples(one)
    assert ([(fail.expected, fail.got) for fail in report.failed], report.passed) == ([], 1)


@pytest.mark.parametrize(
    ("given", "expect", "expected", "got"),
    [
        ("{move: close, remark: 好}", "{state: closed}", "state closed", "state (请先核对)"),
        ("{move: close, remark: 好, checked: true}", "{state: open}", "state open", "state closed"),
        ("{move: close, remark: 好, checked: true}", "{refused: 请先核对}", "refused 请先核对", "refused false (closed)"),
        ("{move: close, remark: 好}", "{refused: false}", "refused false", "refused true (请先核对)"),
        ("{move: close, checked: true}", "{missing: []}", "missing []", "missing remark"),
        ("{as: role.head}", "{moves: [close]}", "moves close", "moves hurry"),
        ("{move: close, done: few}", "{state: closed}", "state", "'few' is no value for done (write a number such as 12 or 12.50)"),
    ],
)  # fmt: skip
def test_examples_that_are_wrong_fail_at_their_line(
    tmp_path: Path, given: str, expect: str, expected: str, got: str
) -> None:
    """What was expected and what came out."""
    failed = run_all_examples(portal(tmp_path, f"{{given: {given}, expect: {expect}}}")).failed
    assert [(one.expected, one.got) for one in failed] == [(expected, got)]
    assert (failed[0].span.file, failed[0].span.line) == (FILE, LINE)


def test_conditions_that_no_example_asks_are_named(tmp_path: Path) -> None:
    """EXM003 for guards; a transition that is refused before its guard is looked at does not count."""
    asked = "{given: {move: close, remark: 好}, expect: {refused: true}}"
    not_asked = "{given: {move: finish, state: taken, as: role.clerk}, expect: {refused: true}}"
    found = run_all_examples(portal(tmp_path, asked, not_asked)).unreached
    assert [(one.code, one.params["rule"]) for one in found] == [
        ("EXM003", f"transitions.{name}.when") for name in ("finish", "expire", "hurry")
    ]


def test_a_workflow_without_examples_is_not_asked_for(tmp_path: Path) -> None:
    """Nobody must write them."""
    files = {**FILES, FILE: WORKFLOW.replace("    examples:\n", "")}
    report = run_all_examples(portal_from(tmp_path, files))
    assert (report.passed, report.failed, report.unreached) == (0, (), ())


def test_regimes_that_are_switched_off_are_played_too(tmp_path: Path) -> None:
    """As with all other examples."""
    off = {**FILES, "config/portal.yaml": FILES["config/portal.yaml"].replace("regimes: [r]", "regimes: []")}
    text = WORKFLOW + "      - {given: {move: close, remark: 好}, expect: {state: closed}}\n"
    assert len(run_all_examples(portal_from(tmp_path, {**off, FILE: text})).failed) == 1


def test_an_edit_elsewhere_is_seen(tmp_path: Path) -> None:
    """A check that remembers an earlier one finds what a first check would."""
    text = WORKFLOW + "      - {given: {move: take, as: role.clerk, kind: plain}, expect: {state: taken}}\n"
    root = write_files(tmp_path / "root", {**FILES, FILE: text})
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.yaml")}
    known = Known(10)
    records = "config/regimes/r/records.yaml"
    edited = {**files, records: files[records].replace(b"kind == 'plain'", b"kind == 'urgent'")}
    failed = [
        len(judge_files(one, lambda _: (), known=known, run=run_all_examples).examples.failed)
        for one in (files, edited, files)
    ]
    assert failed == [0, 1, 0]


def test_the_shipped_workflows_with_examples_have_sound_ones() -> None:
    """Findings and feedback slips: every condition of theirs is asked."""
    repository, _ = load_portal(ROOT)
    assert repository is not None
    report = run_all_examples(repository)
    assert report.failed == ()
    assert [str(one.span) for one in report.unreached if "transitions" in str(one.params["rule"])] == []
    with_examples = {one.full_name for one in repository.workflows.values() if one.examples}
    assert {"restaurant_supervision.finding", "restaurant_supervision.slip"} <= with_examples
