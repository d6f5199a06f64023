"""What a YAML syntax error means in plain words, and where tabs stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import yaml

from app.source.diagnostics import N_, Diagnostic, Span, fault

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML takes for the end of a line."""

_PLAIN: tuple[tuple[str, str, str], ...] = (
    (
        "could not find expected ':'",
        N_("a key without a colon"),
        N_("write 'key: value'; a text that goes over several lines needs quotes or '|'"),
    ),
    (
        "mapping values are not allowed",
        N_("a colon where no key can stand"),
        N_("put a text that holds ': ' in quotes, and indent a key under the one above"),
    ),
    (
        "did not find expected key",
        N_("this does not fit the keys above"),
        N_("look at the indentation, and at quotes or brackets above that are not closed"),
    ),
    (
        "did not find expected '-' indicator",
        N_("this does not fit the list above"),
        N_("begin each element of the list with '- ' in the same column"),
    ),
    (
        "did not find expected ',' or",
        N_("a comma or a closing bracket is missing"),
        N_("close the bracket of line {line}, column {column}, and part what is in it by commas"),
    ),
    (
        "found unexpected end of stream",
        N_("the file ends inside a quoted text"),
        N_("close the quote"),
    ),
    (
        "found character that cannot start any token",
        N_("no value can begin with this character"),
        N_("put the text in quotes"),
    ),
    (
        "found unknown escape character",
        N_("a backslash followed by a letter without meaning"),
        N_("use single quotes, or write the backslash twice"),
    ),
    (
        "did not find expected alphabetic or numeric character",
        N_("'&' and '*' begin an anchor or an alias, and no name follows"),
        N_("put the text in quotes"),
    ),
    (
        "block sequence entries are not allowed",
        N_("an element of a list where none can stand"),
        N_("put the list on its own lines under the key"),
    ),
    (
        "undefined alias",
        N_("an alias to an anchor that is not there"),
        N_("put a text that begins with '*' in quotes"),
    ),
    (
        "did not find expected <document start>",
        N_("this does not belong to the document above"),
        N_("look at the indentation"),
    ),
)


def syntax_fault(error: yaml.MarkedYAMLError, text: str, file: str) -> Diagnostic:
    """The fault for a text that is not YAML: SRC004 when a tab is to blame, else SRC003."""
    mark = error.problem_mark or error.context_mark
    lines = LINE_BREAK.split(text)
    line = min(mark.line if mark else 0, len(lines) - 1)
    behind = mark is not None and mark.line > line
    column = len(lines[line]) if behind else min(mark.column if mark else 0, len(lines[line]))
    tab = _blamed_tab(lines, line, column)
    if tab is not None:
        return _tab(Span(file, tab[0] + 1, tab[1] + 1, tab[0] + 1, tab[1] + 2))
    span = Span(file, line + 1, column + 1, line + 1, column + 1)
    problem = error.problem or ""
    start_of = error.context_mark or mark
    opened = {"line": start_of.line + 1, "column": start_of.column + 1} if start_of else {}
    for start, words, hint in _PLAIN:
        if problem.startswith(start):
            return fault("SRC003", span, words, hint, **opened)
    return fault("SRC003", span, N_("this is not YAML: {problem}"), problem=problem or "?")


def _blamed_tab(lines: Sequence[str], line: int, column: int) -> tuple[int, int] | None:
    if lines[line][column : column + 1] == "\t":
        return line, column
    for number in (line, line - 1):
        if number >= 0:
            lead = re.match(r"[ \t]*", lines[number])
            if lead and "\t" in lead[0]:
                return number, lead[0].index("\t")
    return None


def _tab(span: Span) -> Diagnostic:
    return fault("SRC004", span, N_("a tab stands between the words"), N_("indent and part with spaces"))


def tab_faults(text: str, file: str, scalars: Sequence[Span]) -> Iterator[Diagnostic]:
    """SRC004 for every line with a tab outside of texts and comments, in YAML that could still be read."""
    if "\t" not in text:
        return
    for number, line in enumerate(LINE_BREAK.split(text), 1):
        if "\t" not in line:
            continue
        inside = [span for span in scalars if span.line <= number <= span.end_line]
        for column, sign in enumerate(line, 1):
            here = (number, column)
            in_text = any((s.line, s.column) <= here < (s.end_line, s.end_column) for s in inside)
            if in_text:
                continue
            if sign == "#" and (column == 1 or line[column - 2] in " \t"):
                break
            if sign == "\t" and line.strip():
                yield _tab(Span(file, number, column, number, column + 1))
                break
