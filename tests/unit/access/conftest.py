"""A portal whose roles grant in every way there is."""

from __future__ import annotations

import pytest

from app.access import Policy, compile_policy
from app.release import Release
from tests.support.portals import release_from

CONFIG = """
portal: {title: 督查, regimes: []}
choices:
  level: {ordered: true, options: {low: 低, high: 高}}
roles:
  everyone: {title: 全部, can: {slip: [read, update, delete], memo: [read], person: [read], unit: [read]}}
  own: {title: 本人, can: {slip: [read own, update own, create own], memo: [read own], person: [read own]}}
  unit:
    title: 本部门
    can: {slip: [read unit, create unit], memo: [read unit], person: [read unit], unit: [read unit]}
  subtree:
    title: 下属
    can: {slip: [read subtree, answer subtree], person: [read subtree], unit: [read subtree]}
  condition:
    title: 条件
    can:
      slip: ["read where level >= 'high' and not secret"]
      memo: [read where owner == me]
  both:
    title: 两者
    can:
      slip:
        - {verb: read, rows: unit, where: level == 'low'}
        - read own
  hider: {title: 隐藏, can: {slip: [read, update]}, hide: {slip: [level, check]}, read_only: {slip: [title]}}
  blinker: {title: 隐藏二, can: {slip: [read, update]}, hide: {slip: [level, title]}}
  writer: {title: 书写, can: {slip: [update, create]}, hide: {slip: [level]}}
  unrelated: {title: 无关, can: {memo: [print]}}
  clerk: {title: 文员, can: {person: [read, update own]}, read_only: {person: [id_number]}}
records:
  slip:
    title: 反馈单
    fields:
      title: {type: text, title: 标题}
      unit: {type: unit, title: 部门}
      addressee: {type: person, title: 责任人, owner: true}
      level: {type: choice, title: 等级, options: level}
      secret: {type: boolean, title: 保密}
      check: {type: checklist, title: 检查}
      check_by: {type: person, title: 检查人}
  memo:
    title: 便条
    confidential: true
    fields:
      owner: {type: person, title: 所有人}
  intake:
    title: 来信
    public: {create: true, fields: [words]}
    fields:
      words: {type: long_text, title: 内容}
      handler: {type: person, title: 处理人}
"""


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The portal above, compiled."""
    return release_from(tmp_path_factory.mktemp("access"), {"config/portal.yaml": CONFIG})


@pytest.fixture(scope="session")
def policy(release: Release) -> Policy:
    """Its permissions."""
    return compile_policy(release)
