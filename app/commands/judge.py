"""`python run.py assess` and `python run.py score`: fines and scores with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from app import rules
from app.checks.examples import ExampleReport
from app.commands.asking import FORMAT, SET, declared_one, pairs_of, print_json, refused
from app.commands.common import Session
from app.commands.show import as_text
from app.commands.sound import sound_portal
from app.rules.answers import Answer
from app.rules.checklist_examples import checklist_facts
from app.rules.reasons import in_words, lines
from app.rules.said_times import said_duration
from app.rules.schedules import party_label
from app.rules.values import figure, money
from app.rules.worded import case_in_words
from app.source import N_, Translate, parse_text
from app.source.raw import RawMapping
from app.spec.checklists import Checklist
from app.spec.durations import parse_duration
from app.spec.penalties import PenaltySchedule
from app.spec.portal import Portal
from app.spec.small import Problem


@click.command()
@click.argument("schedule")
@SET
@FORMAT
@click.pass_obj
def assess(session: Session, schedule: str, given: tuple[str, ...], form: str) -> None:
    """Say what a case costs by SCHEDULE, who decides, and why.

    A case is told by facts of the schedule and by: level, amount (set by the decider), earlier (how many
    earlier penalties of the same kind), joint=false, at, now, and people (offender=li; offender.superior= for
    nobody).
    """
    portal = sound_portal(session)
    found = declared_one(session, portal, PenaltySchedule, schedule)
    compiled = rules.compile_schedule(portal, found)
    try:
        case = case_in_words(compiled, pairs_of(session, given), datetime.now(UTC))
        result = rules.assess(compiled, case)
    except rules.CaseError as error:
        raise refused(session, error.mistakes) from error
    if form == "json":
        print_json(result.told(session.translate))
    else:
        click.echo("\n".join(_assessment_in_words(portal, compiled, result, session.translate)))


@click.command()
@click.argument("checklist")
@click.argument("answers", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@SET
@FORMAT
@click.pass_obj
def score(session: Session, checklist: str, answers: Path, given: tuple[str, ...], form: str) -> None:
    """Score the answers in the file ANSWERS by CHECKLIST.

    The file is YAML: item: pass, fail, na, a figure, or {value: …, remark: …, photos: 1}. What the conditions
    of the checklist read of the inspection is told by --set.
    """
    portal = sound_portal(session)
    compiled = rules.compile_checklist(portal, declared_one(session, portal, Checklist, checklist))
    read, mistakes = rules.read_answers(_answers_in(session, answers))
    facts, wrong = checklist_facts(compiled, pairs_of(session, given))
    result = rules.score(compiled, read, facts, datetime.now(UTC))
    if found := (*mistakes, *wrong, *result.mistakes):
        raise refused(session, found)
    if form == "json":
        print_json(result.told(session.translate))
    else:
        click.echo("\n".join(_score_in_words(compiled, result, read, session.translate)))


def _answers_in(session: Session, path: Path) -> RawMapping:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(session.translate(N_("the file is not UTF-8 text"))) from error
    sources = parse_text(text, path.name)
    errors = tuple(one for one in sources.diagnostics if one.severity == "error")
    if errors or not sources.files:
        raise click.ClickException(as_text(errors, ExampleReport(), sources, session.translate))
    return sources.files[0].raw


def _assessment_in_words(
    portal: Portal, schedule: rules.CompiledSchedule, found: rules.PenaltyAssessment, translate: Translate
) -> Iterator[str]:
    level = translate(schedule.levels[found.level].label)
    yield f"{translate(schedule.spec.label)}: {level}"
    regime = schedule.spec.regime
    for penalty in found.penalties:
        name = penalty.person.name if penalty.person else ""
        who = translate(party_label(portal, regime, penalty.to)) + (f" ({name})" if name else "")
        yield f"{who}: {_charge(penalty, translate)}"
        yield from lines(penalty.because, translate, 1)
    if found.exempt is not None:
        yield translate(N_("nobody is charged"))
        yield from lines(found.exempt.because, translate, 1)
    if found.because:
        yield translate(N_("besides"))
        yield from lines(found.because, translate, 1)


def _charge(penalty: rules.Penalty, translate: Translate) -> str:
    if penalty.points is not None and penalty.amount is None:
        return translate(N_("{points} points")).format(points=figure(penalty.points))
    if penalty.amount is not None:
        return f"{money(penalty.amount)} {penalty.currency}"
    if penalty.amount_asked:
        return translate(N_("amount not set; the decider sets it"))
    return translate(N_("no money"))


def _score_in_words(
    checklist: rules.CompiledChecklist,
    found: rules.ChecklistResult,
    answers: Mapping[str, Answer],
    translate: Translate,
) -> Iterator[str]:
    yield translate(checklist.spec.label)
    yield from lines(found.because, translate, 1)
    for section in checklist.sections.values():
        own = tuple(item.why for item in found.asked if item.section == section.spec.id)
        if own:
            yield translate(section.spec.title or section.spec.id)
            yield from lines(own, translate, 1)
    labels = {item.id: translate(item.label) for item in found.items}
    if found.missing:
        yield translate(N_("still to answer: {items}")).format(
            items=", ".join(labels[one] for one in found.missing)
        )
    for item, kind in found.lacking:
        yield translate(N_("{item}: {evidence} is still demanded")).format(item=labels[item], evidence=kind)
    for finding in found.findings:
        grade = " ".join(word for word in (finding.class_, finding.level) if word)
        remark = answers[finding.item].remark if finding.item in answers else ""
        text = translate(N_("finding: {item} ({grade}), to be put right: {rectify}"))
        rectify = _duration(finding.rectify, translate)
        yield text.format(item=labels[finding.item], grade=grade, rectify=rectify) + (
            f" — {remark}" if remark else ""
        )


def _duration(text: str | None, translate: Translate) -> str:
    """A duration of the YAML in the reader's language; what is none stays as it is written."""
    found = parse_duration(text)
    return str(text) if isinstance(found, Problem) else in_words(said_duration(found), translate)


COMMANDS: tuple[click.Command, ...] = (assess, score)
