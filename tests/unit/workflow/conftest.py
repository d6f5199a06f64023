"""A portal with a slip's life in it: guards, duties kept apart, and every effect."""

from __future__ import annotations

import pytest

from app.access import Policy, compile_policy
from app.release import Release
from app.workflow import Machine, compile_workflow
from tests.support.portals import release_from

CONFIG = """
portal: {title: 督查, regimes: [r]}
choices:
  found_by: {options: {own_check: 自查, patrol: 巡视}}
  level: {ordered: true, options: {fault: 过失, serious_fault: 严重过失}}
roles:
  hr: {title: 人事, can: {slip: [read]}}
  head: {title: 负责人, can: {slip: [read unit, answer unit]}}
penalty_schedules:
  conduct:
    title: 处罚
    rank: level
    facts: {found_by: {type: choice, options: found_by}, loss: {type: boolean}}
    levels: {fault: 50, serious_fault: 200}
messages:
  issued: {subject: "{number}", text: 请反馈}
records:
  finding:
    title: 问题
    workflow: finding
    fields: {measures: {type: boolean, title: 措施}, educated: {type: boolean, title: 教育}}
  slip:
    title: 反馈单
    workflow: slip
    fields:
      finding: {type: link, to: finding, title: 问题}
      unit: {type: unit, title: 部门}
      addressee: {type: person, title: 责任人, owner: true}
      witnesses: {type: links, to: person, title: 见证人}
      level: {type: choice, title: 等级, options: level}
      due: {type: date, title: 期限}
      result: {type: long_text, title: 结果}
      answered_at: {type: datetime, title: 反馈时间}
      photos: {type: photos, title: 照片}
workflows:
  finding:
    start: open
    states: {open: {title: 待处理}, closed: {title: 已关闭, final: true, locked: true}}
    transitions: {close: {from: open, to: closed, by: role.hr}}
  slip:
    start: drafted
    states:
      drafted: {title: 草拟}
      issued: {title: 已下达}
      answered: {title: 已反馈}
      closed: {title: 已关闭, final: true, locked: true}
    transitions:
      issue:
        title: 下达
        from: drafted
        to: issued
        by: [role.hr]
        require: due
        do:
          - {notify: [addressee, addressee.superior, witnesses, role.hr], message: issued}
          - {task: {title: 反馈, to: [addressee], due: 3 days}}
          - {notify: [unit.head], when: level == 'serious_fault'}
      answer:
        from: issued
        to: answered
        by: [addressee, addressee.superior]
        ask: [result, photos]
        require: [result]
        do: [{set: {answered_at: now, level: fault}}]
      expire:
        from: issued
        to: answered
        at: missed(slip_answer)
        do:
          - assess:
              schedule: conduct
              level: serious_fault
              offender: addressee
              with: {found_by: patrol, loss: true}
          - {assess: {schedule: conduct, level: level, offender: addressee.superior, joint: false}}
          - {revoke: conduct}
      vote: {from: issued, to: answered, by: [role.hr], approve: all}
      seal: {from: issued, to: closed, by: [role.hr], do: [{lock: true}]}
      close:
        title: 关闭
        from: answered
        to: closed
        by: [role.hr]
        not_by: [addressee, created_by]
        when: finding.measures and finding.educated
        refuse: "三不放过条件未全部满足 {100 %}"
        do:
          - {create: {record: finding, with: {measures: true, educated: finding.educated}}}
          - {create: {record: slip, with: {addressee: addressee.superior, witnesses: witnesses}}}
          - {print: r.sheet}
          - {move: {record: finding, transition: close}}
      reopen: {title: 重开, from: answered, to: issued, by: [role.hr], when: not finding.educated}
"""
SHEET = "title: 单据\nof: record\nrecord: slip\n"


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The portal above, compiled."""
    files = {"config/portal.yaml": CONFIG, "report_templates/r/sheet.yaml": SHEET}
    return release_from(tmp_path_factory.mktemp("workflow"), files)


@pytest.fixture(scope="session")
def policy(release: Release) -> Policy:
    """Its permissions."""
    return compile_policy(release)


@pytest.fixture(scope="session")
def machine(release: Release) -> Machine:
    """The slip's workflow."""
    found = compile_workflow(release, release.records["slip"])
    assert found is not None
    return found
