"""Diagnostics for people, for programs and for code review."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from app.checks import ExampleReport
from app.commands.common import plural
from app.source import N_, Diagnostic, Sources, Translate

_LONGEST_LINE = 160
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def as_text(
    diagnostics: Sequence[Diagnostic], examples: ExampleReport, sources: Sources, translate: Translate
) -> str:
    """`file:line:column: error[CODE]: message`, the hint, the line with a caret, and a summary at the end."""
    lines = {file: sources.lines(file) for file in {found.span.file for found in diagnostics}}
    parts = [_one(found, lines[found.span.file], translate) for found in diagnostics]
    text = "\n".join([*parts, summary(diagnostics, examples, len(sources.files), translate)])
    # What the file holds must not steer the terminal.
    return _STEERING.sub("\ufffd", text)


def _one(found: Diagnostic, source: Sequence[str], translate: Translate) -> str:
    word = translate(N_("error")) if found.severity == "error" else translate(N_("warning"))
    lines = [f"{found.span}: {word}[{found.code}]: {found.message(translate)}"]
    hint = found.hint_text(translate)
    if hint:
        lines.append(f"  {translate(N_('hint'))}: {hint}")
    number = found.span.line
    if 0 < number <= len(source) and source[number - 1].strip():
        lines += _pointed(source[number - 1], found)
    return "\n".join(lines)


def _pointed(source: str, found: Diagnostic) -> list[str]:
    """The line and a caret below the column; a long line is cut around it."""
    column = min(found.span.column - 1, len(source))
    start = max(column - _LONGEST_LINE // 2, 0) if len(source) > _LONGEST_LINE else 0
    shown = source[start : start + _LONGEST_LINE]
    before = "".join("\t" if sign == "\t" else " " * width(sign) for sign in source[start:column])
    one_line = found.span.end_line == found.span.line
    marked = source[column : min(found.span.end_column - 1, start + _LONGEST_LINE)] if one_line else ""
    return [f"    {shown}", f"    {before}{'^' * max(sum(map(width, marked)), 1)}"]


def width(sign: str) -> int:
    """Columns that a character takes on a terminal."""
    return 2 if east_asian_width(sign) in ("W", "F") else 1


def summary(
    diagnostics: Iterable[Diagnostic], examples: ExampleReport, files: int, translate: Translate
) -> str:
    """One line that counts what was found."""
    severities = [found.severity for found in diagnostics]
    errors, warnings = severities.count("error"), severities.count("warning")
    counted = [
        plural(errors, translate(N_("{count} error")), translate(N_("{count} errors"))),
        plural(warnings, translate(N_("{count} warning")), translate(N_("{count} warnings"))),
        plural(files, translate(N_("{count} file read")), translate(N_("{count} files read"))),
    ]
    run = examples.passed + len(examples.failed)
    if run:
        text = translate(N_("{passed} of {count} examples passed"))
        counted.append(text.format(passed=examples.passed, count=run))
    return translate(N_(", ")).join(counted)


def as_json(diagnostics: Sequence[Diagnostic], examples: ExampleReport, translate: Translate) -> str:
    """The form that other programs rely on."""
    return json.dumps(
        {
            "diagnostics": [
                {
                    "code": found.code,
                    "severity": found.severity,
                    "file": found.span.file,
                    "line": found.span.line,
                    "column": found.span.column,
                    "message": found.message(translate),
                    "hint": found.hint_text(translate),
                }
                for found in diagnostics
            ],
            "examples": {
                "passed": examples.passed,
                "failed": [
                    {
                        "file": failed.span.file,
                        "line": failed.span.line,
                        "name": failed.name,
                        "expected": failed.expected,
                        "got": failed.got,
                    }
                    for failed in examples.failed
                ],
            },
        },
        ensure_ascii=False,
        indent=2,
    )


def as_github(diagnostics: Sequence[Diagnostic], translate: Translate, folder: str) -> str:
    """Workflow commands that mark the lines in a code review."""
    return "\n".join(_annotation(found, translate, folder) for found in diagnostics)


def _annotation(found: Diagnostic, translate: Translate, folder: str) -> str:
    file = "/".join(part for part in (folder if folder != "." else "", found.span.file) if part)
    hint = found.hint_text(translate)
    message = found.message(translate) + (f"\n{translate(N_('hint'))}: {hint}" if hint else "")
    places = {"file": file, "line": found.span.line, "col": found.span.column, "title": found.code}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in places.items())
    return f"::{found.severity} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
