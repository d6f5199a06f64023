"""A portal whose open records meet releases that change their rules: a database, and the folder behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from app.access import SYSTEM, Actor, compile_policy
from app.actions import Context, create_record
from app.actions.advance_workflow import advance_workflow
from app.actions.checklists import GivenAnswer, submit_checklist
from app.actions.configurations import read_folder, stored_release
from app.actions.publish_release import Draft, publish_release, restored
from app.actions.release_plan import ReleasePlan, plan_release
from app.release import compile_release
from app.source import untranslated
from app.storage import Database, build_models, find_live, insert_record
from app.storage.checklist_runs import RunPlace
from app.storage.deadlines import DeadlineRow, deadlines_of
from app.storage.open_records import release_of_record
from app.storage.penalties import PenaltyRow, penalties_raised
from tests.support.portals import NOW, stamp, write_files

CASE, CHECK = "r.case", "r.check"
ALL = "config/regimes/r/all.yaml"
LIST = "checklists/r/check.yaml"
FILES: Mapping[str, str] = {
    "config/portal.yaml": "portal: {title: T, regimes: [r]}",
    "config/roles.yaml": """
        roles:
          hr:
            title: 人事
            can: {r.case: [create, read, update, charge, close], penalty: [read, decide], person: [read]}
          reader: {title: 读者, can: {r.case: [read]}}
        """,
    ALL: """
        choices: {rank: {ordered: true, options: {low: 轻, high: 重}}}
        penalty_schedules:
          conduct:
            title: 罚
            kind: fine
            rank: rank
            levels: {low: {amount: 50}, high: {amount: 200}}
            decided_by: [{who: role.hr}]
        records:
          case:
            title: 问题
            label: "{title}"
            workflow: case
            fields:
              title: {type: text, title: 标题}
              offender: {type: person, title: 责任人}
              received_at: {type: datetime, title: 收到}
              check: {type: checklist, title: 检查, options: [check]}
          other: {title: 其他, workflow: plain, fields: {title: {type: text, title: 标题}}}
        workflows:
          case:
            start: open
            states: {open: {title: 开}, held: {title: 停}, done: {title: 完, final: true}}
            transitions:
              charge:
                from: [open, held]
                to: held
                by: [role.hr]
                do: [{assess: {schedule: conduct, level: "'low'", offender: offender}}]
              close: {from: [open, held], to: done, by: [role.hr]}
          plain:
            start: open
            states: {open: {title: 开}, done: {title: 完, final: true}}
            transitions: {close: {from: open, to: done, by: [role.hr]}}
        service_levels:
          answer: {title: 答复, of: case, from: received_at, to: {state: done}, within: [{time: 2 hours}]}
        """,
    LIST: """
        title: 检查表
        of: case
        scoring: {method: deduct, full: 100}
        sections:
          - {id: all, title: 全部, items: [{id: floor, title: 地面, points: 10}]}
        """,
}
CHANGED: Mapping[str, tuple[str, str]] = {
    ALL: ("{amount: 50}", "{amount: 80}"),
    LIST: ("points: 10", "points: 30"),
}
HOURS = (ALL, "time: 2 hours", "time: 5 hours")


def edited(*changes: tuple[str, str, str], files: Mapping[str, str] = FILES) -> dict[str, str]:
    """The files with these pieces of text (file, old, new) replaced."""
    out = dict(files)
    for path, old, new in changes:
        assert old in out[path]
        out[path] = out[path].replace(old, new)
    return out


NEW = edited(*((path, old, new) for path, (old, new) in CHANGED.items()), HOURS)


@dataclass
class House:
    """A database, the folder that is applied from, and the moment."""

    database: Database
    root: Path
    now: datetime = NOW
    people: dict[str, int] = field(default_factory=dict)

    def apply(self, files: Mapping[str, str], **more: object) -> int:
        """Make these files the live release; its number."""
        found, live = read_folder(write_files(self.root, files)), find_live(self.database)
        assert found.portal is not None, [one.message() for one in found.faults]
        draft = Draft(found.files, found.portal, live.number if live else 0, reason="neu")
        draft = replace(draft, **more)  # type: ignore[arg-type]
        return publish_release(self.database, draft, SYSTEM, self.now).number

    def hire(self, *names: str) -> None:
        """Store people of these names."""
        live = find_live(self.database)
        assert live is not None
        models = build_models(stored_release(self.database, live.number))
        with self.database.writing() as session:
            for name in names:
                self.people[name] = insert_record(session, models, "person", {"name": name}, stamp())

    def plan(self, files: Mapping[str, str], mode: str = "") -> ReleasePlan:
        portal = read_folder(write_files(self.root, files)).portal
        assert portal is not None
        return plan_release(self.database, compile_release(portal), self.now, mode)

    def plan_back(self, number: int, mode: str = "") -> ReleasePlan:
        _draft, release = restored(self.database, number, self.now)
        return plan_release(self.database, release, self.now, mode, restores=number)

    def roll_back(self, number: int, mode: str = "") -> int:
        draft, _release = restored(self.database, number, self.now, open_records=mode)
        return publish_release(self.database, draft, SYSTEM, self.now).number

    def context(self, role: str = "hr") -> Context:
        """What somebody of that role acts with under the live release."""
        live = find_live(self.database, self.now)
        assert live is not None
        release = stored_release(self.database, live.number)
        actor = Actor(account_id=1, person_id=self.people["hr"], name="H", roles=frozenset({role}))
        return Context(
            release, compile_policy(release), build_models(release), self.database.session(), actor, self.now,
            untranslated, self.database.instance,
        )  # fmt: skip

    def case(self, title: str = "c") -> int:
        values = {"title": title, "offender": self.people["cook"], "received_at": self.now}
        return create_record(self.context(), CASE, values).id

    def release(self, ident: int, kind: str = CASE) -> int | None:
        context = self.context()
        return release_of_record(context.session, context.models, kind, ident)

    def clock(self, ident: int) -> DeadlineRow:
        context = self.context()
        (found,) = deadlines_of(context.session, context.models, CASE, ident)
        return found

    def fine(self, ident: int) -> PenaltyRow:
        context = self.context()
        (found,) = penalties_raised(context.session, context.models, CASE, ident)
        return found

    def move(self, ident: int, event: str) -> None:
        advance_workflow(self.context(), CASE, ident, event)

    def score(self, ident: int) -> Decimal | None:
        place = RunPlace(CASE, ident, "check")
        done = submit_checklist(self.context(), place, CHECK, {"floor": GivenAnswer(False)})
        return done.result.score
