"""Everything that a record's declaration demands of its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.actions.draft import Draft, Values, line_lookups
from app.actions.errors import Complaint
from app.actions.facts import around_lines
from app.actions.field_rules import limits
from app.actions.link_rules import check_links
from app.expressions import Expression, holds
from app.release import FieldModel
from app.source import N_
from app.workflow import is_empty

REQUIRED = N_("this must be filled in")
TOO_LARGE = N_("the result is too large to be kept")


def check_values(draft: Draft) -> None:
    """Note every fault of the draft: what is missing, what is beyond its limits, links that lead astray.

    Limits are asked of what changed: a value that an earlier release allowed stays as long as nobody touches
    it. What is missing is always said, where the user can fill it in and sees the field.
    """
    for name, found in draft.record.fields.items():
        if name in draft.hidden or found.type == "checklist" or draft.complaints.has(name):
            continue
        value = draft.values.get(name)
        if is_empty(value):
            if name in draft.writable and is_required(found, draft.scope):
                draft.complaints.add(name, Complaint(REQUIRED))
            continue
        if draft.changed(name) and not found.computed:
            for complaint in limits(found, value, draft.scope, draft.context.zone):
                draft.complaints.add(name, complaint)
        if found.type == "lines" and name in draft.posted:
            _check_lines(draft, found)
    complain_of_size(draft)
    check_links(draft)


def complain_of_size(draft: Draft) -> None:
    """Note every computed value that is too large to be kept."""
    for path in sorted(draft.oversized):
        if path.partition(".")[0] not in draft.hidden and not draft.complaints.has(path):
            draft.complaints.add(path, Complaint(TOO_LARGE))


def is_required(found: FieldModel, scope: Mapping[str, object]) -> bool:
    """Whether the field must be filled in for a record of this scope."""
    return holds(found.required, scope) if isinstance(found.required, Expression) else found.required


def line_scopes(draft: Draft, found: FieldModel) -> Iterator[tuple[int, Values, Values]]:
    """Each line of a field: its place, its values, and what its expressions read."""
    lines, rows = draft.values.get(found.name), draft.scope.get(found.name)
    for place, line in enumerate(lines if isinstance(lines, (list, tuple)) else ()):
        opened = rows[place] if isinstance(rows, (list, tuple)) and place < len(rows) else line
        scope = {**around_lines(draft.scope), **opened, "this": draft.scope}
        yield place, line, line_lookups(draft, found, scope)


def _check_lines(draft: Draft, found: FieldModel) -> None:
    for place, line, scope in line_scopes(draft, found):
        for name, column in found.lines.items():
            path, value = f"{found.name}.{place}.{name}", line.get(name)
            if draft.complaints.has(path) or column.computed:
                continue
            if column.show is not None and not holds(column.show, scope):
                line[name] = None
            elif is_empty(value):
                if is_required(column, scope):
                    draft.complaints.add(path, Complaint(REQUIRED))
            else:
                for complaint in limits(column, value, scope, draft.context.zone):
                    draft.complaints.add(path, complaint)
