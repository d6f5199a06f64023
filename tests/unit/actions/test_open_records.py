"""Records that are still open when a release changes their rules: kept, switched, or asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.access import SYSTEM, AccessDenied, Actor, compile_policy
from app.actions import Context, create_record
from app.actions.advance_workflow import advance_workflow
from app.actions.checklists import GivenAnswer, submit_checklist
from app.actions.configurations import read_folder, stored_release
from app.actions.publish_release import Draft, publish_release, restored
from app.actions.release_choice import ChoiceRefused, choose_release, question_of
from app.actions.release_plan import ReleasePlan, plan_release
from app.actions.start_release import ReleaseUnfit, release_is_due, start_due
from app.release import compile_release
from app.source import untranslated
from app.storage import Database, build_models, find_live, history_of, insert_record, verify_audit
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

    def plan(self, files: Mapping[str, str], mode: str = "") -> ReleasePlan:
        portal = read_folder(write_files(self.root, files)).portal
        assert portal is not None
        return plan_release(self.database, compile_release(portal), self.now, mode)

    def roll_back(self, number: int) -> int:
        draft, _release = restored(self.database, number, self.now)
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


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    """The first release, with two people."""
    made = House(database, tmp_path / "root")
    made.apply(FILES)
    models = build_models(stored_release(database, 1))
    with database.writing() as session:
        for key in ("hr", "cook"):
            made.people[key] = insert_record(session, models, "person", {"name": key}, stamp())
    yield made
    database.session.remove()


def judged(house: House, ident: int) -> tuple[Decimal | None, Decimal | None, timedelta]:
    """Fine, score and time limit of a case, as they come out now."""
    house.move(ident, "charge")
    fine, score = house.fine(ident), house.score(ident)
    clock = house.clock(ident)
    assert clock.due_at is not None and clock.started_at is not None
    return fine.amount_due, score, clock.due_at - clock.started_at


OLD_RULES = (Decimal(50), Decimal(90), timedelta(hours=2))
NEW_RULES = (Decimal(80), Decimal(70), timedelta(hours=5))


def test_an_open_record_keeps_its_rules(house: House) -> None:
    """Fine, points and time of the release that it names; a new record goes by the new ones."""
    old = house.case()
    assert house.plan(NEW).as_json()["affected"]["open_records_by_mode"][CASE] == {  # type: ignore[index]
        "open": 1, "mode": "keep", "stuck": 0,
    }  # fmt: skip
    house.apply(NEW)
    new = house.case("later")
    assert judged(house, old) == OLD_RULES and judged(house, new) == NEW_RULES
    assert (house.release(old), house.release(new), house.fine(old).release_id) == (1, 2, 1)


def test_a_clock_that_begins_later_keeps_its_rules_too(house: House) -> None:
    """What counts is the release of the record, not when its clock starts."""
    context = house.context()
    old = create_record(context, CASE, {"title": "c", "offender": house.people["cook"]}).id
    house.apply(NEW)
    from app.actions import save_record

    save_record(house.context(), CASE, old, {"received_at": house.now}, None)
    clock = house.clock(old)
    assert clock.due_at == house.now + timedelta(hours=2) and clock.release_id == 1


def test_open_records_switch_with_the_release(house: House) -> None:
    """Release, fine, points and time are the new ones at once, told in the trail; what was closed, or is of
    another type, stays; time served counts on."""
    old, closed = house.case(), house.case("closed")
    proposed = house.case("fined")
    house.move(proposed, "charge")
    house.move(closed, "close")
    other = create_record(replace(house.context(), actor=SYSTEM), "r.other", {"title": "o"}).id
    house.now += timedelta(hours=1)
    words = "\n".join(house.plan(NEW, "switch").lines())
    assert "2 open records of r.case go over to the new rules at once" in words and "r.other go" not in words
    house.apply(NEW, open_records="switch")
    assert [house.release(one) for one in (old, closed, proposed)] == [2, 1, 2]
    assert house.release(other, "r.other") == 1
    clock, fine = house.clock(old), house.fine(proposed)
    assert clock.due_at == NOW + timedelta(hours=5) and clock.started_at == NOW and clock.release_id == 2
    assert (fine.amount_due, fine.release_id, fine.state) == (Decimal(80), 2, "proposed")
    assert judged(house, old) == NEW_RULES
    context = house.context()
    trail = history_of(context.session, context.models, CASE, proposed)
    assert {"release_id": 2} in [one["after"] for one in trail] and "#1 → #2 neu" in trail[0]["detail"]
    assert verify_audit(context.session, context.models).broken_at is None


def test_rolling_back_brings_switched_records_back(house: House) -> None:
    """Each to the release that it came from, with its time and its fine; those made since keep theirs."""
    old, fined = house.case(), house.case("fined")
    house.move(fined, "charge")
    house.apply(NEW, open_records="switch")
    since = house.case("since")
    _draft, release = restored(house.database, 1, house.now)
    words = "\n".join(plan_release(house.database, release, house.now, restores=1).lines())
    assert "3 open records go back to the release that they came from" in words
    assert house.roll_back(1) == 3
    assert [house.release(one) for one in (old, fined, since)] == [1, 1, 2]
    assert house.clock(old).due_at == NOW + timedelta(hours=2) and house.fine(fined).amount_due == Decimal(50)
    assert judged(house, old) == OLD_RULES and judged(house, since) == NEW_RULES


def test_a_service_level_that_is_gone_ends_its_clocks(house: House) -> None:
    """Under `switch` its clocks are cancelled; under a rollback they run again."""
    old = house.case()
    level = next(line for line in FILES[ALL].splitlines() if "answer: {" in line)
    without = edited((ALL, level, ""), (ALL, "        service_levels:", ""))
    house.apply(without, open_records="switch")
    assert house.clock(old).status == "cancelled" and house.clock(old).next_step_at is None
    assert house.clock(old).open is False
    house.roll_back(1)
    assert house.clock(old).status == "running" and house.clock(old).due_at == NOW + timedelta(hours=2)


def test_a_record_in_a_state_that_goes_keeps_the_old(house: House) -> None:
    """The plan names it; the others go over."""
    stuck, free = house.case(), house.case("free")
    house.move(stuck, "charge")
    files = edited(
        (ALL, "held: {title: 停}, ", ""), (ALL, "from: [open, held]", "from: open"),
        (ALL, "to: held", "to: open"),
        files=NEW,
    )  # fmt: skip
    plan = house.plan(files, "switch")
    words = "\n".join(plan.lines())
    assert "1 open records of r.case go over" in words and "1 open records of r.case cannot go over" in words
    house.apply(files, open_records="switch", allow_loss=plan.lossy)
    assert (house.release(stuck), house.release(free)) == (1, 2)


def test_somebody_is_asked(house: House) -> None:
    """Nothing changes until an answer; either answer is audited, and given by who may edit."""
    stays, goes = house.case(), house.case("goes")
    files = edited(
        ("config/portal.yaml", "regimes: [r]", "regimes: [r], releases: {open_records: ask}"), files=NEW
    )
    house.apply(files)
    context = house.context()
    question = question_of(context, CASE, stays)
    assert question is not None and (question.stays, question.goes_on, question.asked) == (1, 2, 2)
    assert house.clock(goes).due_at == NOW + timedelta(hours=2)
    with pytest.raises(AccessDenied):
        choose_release(house.context("reader"), CASE, stays, 2)
    with pytest.raises(ChoiceRefused):
        choose_release(house.context(), CASE, stays, 7)
    choose_release(house.context(), CASE, stays, 1)
    choose_release(house.context(), CASE, goes, 2)
    for one in (stays, goes):
        with pytest.raises(ChoiceRefused, match="nothing is asked"):
            choose_release(house.context(), CASE, one, 2)
    assert (house.release(stays), house.release(goes)) == (1, 2)
    assert house.clock(goes).due_at == NOW + timedelta(hours=5)
    assert judged(house, stays) == OLD_RULES and judged(house, goes) == NEW_RULES
    assert question_of(house.context(), CASE, house.case("new")) is None
    house.roll_back(1)
    assert house.release(goes) == 1


def test_a_proposed_penalty_is_asked_about(house: House) -> None:
    """Its amount changes with the answer."""
    case = house.case()
    house.move(case, "charge")
    house.apply(NEW, open_records="ask")
    fine = house.fine(case)
    context = house.context()
    assert question_of(context, "penalty", fine.id) is not None
    choose_release(replace(context, actor=SYSTEM), "penalty", fine.id, 2)
    assert house.fine(case).amount_due == Decimal(80) and house.fine(case).release_id == 2


def test_a_change_of_words_touches_nobody(house: House) -> None:
    """A title is no rule, and a type whose rules stay the same is left alone."""
    old = house.case()
    files = edited((ALL, "title: 罚", "title: 罚款"), (LIST, "title: 地面", "title: 地板"))
    assert house.plan(files, "switch").touched == ()
    house.apply(files, open_records="switch")
    assert house.release(old) == 1


def test_a_release_that_waits_switches_on_its_day(house: House) -> None:
    """Not before, and once, whoever asks again."""
    old = house.case()
    house.apply(NEW, open_records="switch", starts_at=NOW + timedelta(days=2))
    assert house.release(old) == 1 and not release_is_due(house.context())
    house.now += timedelta(days=2, minutes=1)
    assert release_is_due(house.context())
    assert (start_due(house.context()), start_due(house.context())) == (1, 0)
    assert house.release(old) == 2 and house.clock(old).due_at == NOW + timedelta(hours=5)
    assert not release_is_due(house.context())


def test_a_release_from_another_base_is_rejected_on_its_day(house: House) -> None:
    """It was planned from a release that serves no longer: that one goes on, and the job says why."""
    house.apply(NEW, starts_at=NOW + timedelta(days=2))
    with house.database.writing() as session:
        session.execute(sa.text("UPDATE release SET base = 7 WHERE id = 2"))
    house.now += timedelta(days=3)
    assert house.context().release.number == 1 and release_is_due(house.context())
    with pytest.raises(ReleaseUnfit, match="planned from release 7"):
        start_due(house.context())
    assert start_due(house.context()) == 0 and not release_is_due(house.context())
    assert house.apply(NEW) == 3


@pytest.mark.parametrize("step", ["marked", "carried"])
def test_a_fault_while_records_go_over_leaves_all_as_it_was(house: House, step: str) -> None:
    """Release and records change together or not at all."""
    old = house.case()
    found = read_folder(write_files(house.root, NEW))
    assert found.portal is not None

    def fail(reached: str) -> None:
        if reached == step:
            raise InterruptedError(step)

    draft = Draft(found.files, found.portal, 1, open_records="switch")
    with pytest.raises(InterruptedError):
        publish_release(house.database, draft, SYSTEM, house.now, fail)
    assert house.release(old) == 1 and house.context().release.number == 1
    assert house.clock(old).due_at == NOW + timedelta(hours=2)
