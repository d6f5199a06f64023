"""One small regulation behind a browser: every field type, two units, five kinds of people."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.storage import Database
from tests.support.clients import Site, open_site

FILES: Mapping[str, str] = {
    "config/portal.yaml": """
        portal:
          title: 试验门户
          organisation: 试验公司
          languages: [zh_Hans, en]
          timezone: Asia/Shanghai
          regimes: [r]
        choices:
          level: {ordered: true, options: {low: 低, high: {title: 高, tone: danger}}}
        roles:
          hr:
            can:
              unit: [read]
              person: [read]
              r.visit: [create, read, update, delete, print, export]
              r.everything: [create, read, update, delete, export]
              audit_entry: [read]
              task: [read own]
              attachment: [read]
          unit_head:
            can:
              unit: [read]
              person: [read subtree]
              r.visit: [create, read subtree, update subtree]
            hide: {r.visit: [secret, notes]}
          employee:
            can:
              unit: [read]
              person: [read own]
              r.visit: [create, read own, update own]
            hide: {r.visit: [secret, notes]}
            read_only: {r.visit: [level]}
    """,
    "config/regimes/r/records.yaml": """
        workflows:
          visit:
            start: open
            states:
              open: {title: 进行中, tone: info}
              done: {title: 已完成, tone: success, final: true, locked: true}
            transitions:
              finish:
                {title: 完成, from: open, to: done, by: [role.hr, visitor], ask: [result], require: [result]}
        records:
          visit:
            title: 检查
            help: 每次检查一条
            number: "JC-{now:%Y}-{seq:04d}"
            label: "{number} {title}"
            workflow: visit
            fields:
              title: {type: text, title: 标题, required: true, max: 40, help: 写明检查什么}
              unit: {type: unit, title: 单位, required: true}
              visitor: {type: person, title: 检查人, owner: true}
              level: {type: choice, title: 等级, options: level}
              urgent: {type: boolean, title: 紧急}
              reason: {type: long_text, title: 理由, show: urgent, required: urgent}
              due: {type: date, title: 期限}
              result: {type: long_text, title: 结果}
              secret: {type: text, title: 机密}
              code: {type: text, title: 代号, unique: true}
              contact: {type: phone, title: 电话, mask: phone}
              photos: {type: photos, title: 照片, max: 3}
              notes:
                type: lines
                title: 记录
                fields: {what: {type: text, title: 事项, required: true}, who: {type: person, title: 人}}
              earlier: {type: link, to: visit, title: 上次}
            form:
              - {group: 基本, fields: [title, unit, visitor, level, due, code, contact]}
              - {group: 内容, fields: [urgent, reason, result, secret, photos, notes, earlier]}
            list:
              columns: [number, title, unit, visitor, level, due, secret, contact, state]
              filters: [state, unit, visitor, level, due, secret]
              search: [title, secret]
              order: -id
          everything:
            title: 全部类型
            fields:
              text: {type: text}
              long_text: {type: long_text}
              integer: {type: integer}
              decimal: {type: decimal, places: 2}
              money: {type: money}
              percent: {type: percent}
              rating: {type: rating}
              boolean: {type: boolean}
              date: {type: date}
              time: {type: time}
              datetime: {type: datetime}
              month: {type: month}
              duration: {type: duration}
              choice: {type: choice, options: level}
              choices: {type: choices, options: level}
              person: {type: person}
              unit: {type: unit}
              link: {type: link, to: visit}
              links: {type: links, to: visit}
              lines: {type: lines, fields: {word: {type: text}, number: {type: integer}}}
              file: {type: file}
              files: {type: files}
              photo: {type: photo}
              photos: {type: photos}
              signature: {type: signature}
              location: {type: location}
              phone: {type: phone}
              email: {type: email}
              url: {type: url}
              formula: {type: formula, formula: integer * 2, gives: integer}
            list:
              columns: [text, integer, decimal, boolean, date, datetime, choice, person, links, lines, files]
              filters:
                [text, integer, money, boolean, date, time, datetime, month, choice, choices, person, link]
              search: [text]
    """,
    "config/regimes/r/hidden.yaml": """
        records:
          vault:
            title: 保险柜
            fields: {word: {type: text, title: 词}, visit: {type: link, to: visit, title: 检查}}
    """,
}


@pytest.fixture(scope="module")
def site(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The portal, with one visit of the cook's, one of the rival's, and a vault that only root may open."""
    opened = open_site(module_database, tmp_path_factory.mktemp("portal"), FILES)
    for name, unit, secret in (("cook", "shop", "open sesame"), ("rival", "other", "abracadabra")):
        opened.insert(
            "r.visit",
            creator=name,
            title=f"visit of {name}",
            unit=opened.units[unit],
            visitor=opened.people[name],
            secret=secret,
            contact="13912345678",
            state="open",
            number=f"JC-2026-{opened.people[name]:04d}",
        )
    opened.insert("r.vault", word="gold", visit=1)
    return opened
