"""`python run.py report`: print a record, a period or a selection as PDF from the shell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from app.actions import Context, InvalidRecord
from app.actions.issue_document import Issued, issue_document
from app.actions.issue_report import issue_report
from app.actions.offered_reports import UnknownReport, find_report, record_of
from app.actions.report_parameters import read_answers
from app.actions.visible import visible_records
from app.commands.common import Session
from app.commands.instance import system_context
from app.release import RecordModel
from app.reports import ReportError
from app.source import N_, unknown_name_hint
from app.storage import RecordGone

_KEYS = ("id", "number")
_NEAR = 500
"""How many of the newest numbers are looked through for the one that was meant."""


@click.command()
@click.argument("name")
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the report: month=2026-10. For a report of one record: id=12 or number=….",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    required=True,
    help="The file to write.",
)
@click.pass_obj
def report(session: Session, name: str, given: tuple[str, ...], output: Path) -> None:
    """Print the report NAME as PDF, and keep the print as a numbered document.

    NAME is a report's name, in full where several regulations have it. A report of one record is told which
    one; one of a selection is told the ids, id=3 id=5. The database is that of INSTANCE_DIR or DATABASE_URL.
    """
    pairs = _pairs(session, given)
    if not output.resolve().parent.is_dir():
        raise _refused(session, N_("there is no folder {folder}"), folder=output.parent)
    with system_context(session) as context:
        try:
            issued = _issue(session, context, name, pairs)
        except InvalidRecord as error:
            said = "\n".join(f"{path}: {' '.join(words)}" for path, words in error.errors.items())
            raise click.ClickException(said) from error
        except (UnknownReport, RecordGone, ReportError) as error:
            raise click.ClickException(error.message(session.translate)) from error
    _write(session, issued, output)


def _issue(session: Session, context: Context, name: str, pairs: list[tuple[str, str]]) -> Issued:
    found = find_report(context.release, name)
    if found.of == "record":
        record = record_of(context.release, found)
        key, value = _which(session, pairs)
        return issue_document(context, found.full_name, _record_id(session, context, record, key, value))
    ids = [_id(session, value) for key, value in pairs if key == "id"] if found.of == "selection" else []
    if found.of == "selection" and not ids:
        raise _refused(session, N_("say which records: --set id=12 --set id=15"))
    rest = [pair for pair in pairs if pair[0] != "id" or found.of != "selection"]
    for key, _value in rest:
        if sum(one == key for one, _other in rest) > 1:
            raise _refused(session, N_("'{name}' is given twice"), name=key)
    # Faults are told in the user's language, paper is written in the portal's.
    read_answers(replace(context, translate=session.translate), found, dict(rest))
    return issue_report(context, found.full_name, dict(rest), ids)


def _pairs(session: Session, given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for one in given:
        key, sign, value = one.partition("=")
        if not sign or not key.strip():
            raise _refused(session, N_("'{given}' is not NAME=VALUE"), given=one)
        pairs.append((key.strip(), value.strip()))
    return pairs


def _which(session: Session, pairs: list[tuple[str, str]]) -> tuple[str, str]:
    """What names the record: its id or its number."""
    if len(pairs) != 1 or not pairs[0][1]:
        raise _refused(session, N_("say which record: --set id=12 or --set number=DC-202611-0001"))
    key, value = pairs[0]
    if key not in _KEYS:
        hint, params = unknown_name_hint(key, _KEYS)
        text = N_("a report of one record is not set by '{key}' ({hint})")
        raise _refused(session, text, key=key, hint=session.translate(hint).format(**params))
    return key, value


def _id(session: Session, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise _refused(session, N_("'{value}' is not a record's id"), value=value)
    return int(value)


def _record_id(session: Session, context: Context, record: RecordModel, key: str, value: str) -> int:
    if key == "id":
        return _id(session, value)
    if "number" not in record.columns:
        text = N_("records of '{type}' have no numbers; use --set id=…")
        raise _refused(session, text, type=record.label)
    found = visible_records(context, record.name, {"number": value})
    if found:
        return found[0].id
    table = context.models.tables[record.name]
    newest = table.select().with_only_columns(table.c.number).order_by(table.c.id.desc()).limit(_NEAR)
    numbers = [one for one in context.session.scalars(newest) if one]
    hint, params = unknown_name_hint(value, numbers)
    text = N_("there is no '{type}' with the number {value} ({hint})")
    said = session.translate(hint).format(**params)
    raise _refused(session, text, type=record.label, value=value, hint=said)


def _write(session: Session, issued: Issued, output: Path) -> None:
    try:
        output.write_bytes(issued.data)
    except OSError as error:
        raise _refused(session, N_("cannot write {file}: {why}"), file=output, why=error.strerror) from error
    text = session.translate(N_("written: {file} ({pages} pages, document {number})"))
    click.echo(text.format(file=output, pages=issued.pages, number=issued.number))
    if issued.missing_characters:
        text = session.translate(N_("the print fonts lack these characters: {characters}"))
        click.echo(text.format(characters=" ".join(issued.missing_characters)), err=True)


def _refused(session: Session, text: str, **params: object) -> click.ClickException:
    return click.ClickException(session.translate(text).format(**params))
