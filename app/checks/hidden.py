"""Fields that must be filled in while nobody can see them."""

from __future__ import annotations

from collections.abc import Iterator

from app.checks.context import Checking, Found
from app.checks.fields import Placed, placed_fields
from app.expressions import Node, example, possible
from app.source import N_, Span, warning


def required_fields_are_shown(checking: Checking) -> Found:
    """FLD008 (warning): a field is required in a case in which it, or its group, is not shown."""
    for field in placed_fields(checking):
        required = field.spec.required
        if required is False:
            continue
        for show, at in _conditions(field):
            shown = checking.tree(show, at, field.env)
            if shown is not None and required is True:
                yield from _always(field, show, shown)
            elif shown is not None and isinstance(required, str):
                yield from _at_times(checking, field, required, show, shown)


def _conditions(field: Placed) -> Iterator[tuple[str, Span]]:
    """The conditions under which the field is shown: its own, and that of its form group."""
    if field.spec.show is not None:
        yield field.spec.show, field.spec.span_of("show")
    for group in field.record.form if not field.line_of else ():
        if group.show is not None and field.name in group.fields:
            yield group.show, group.span_of("show")


def _always(field: Placed, show: str, shown: Node) -> Found:
    if possible((), [shown], field.values):
        text = N_("'{name}' is always required but shown only when: {show}")
        hint = N_("it is asked only while it is shown; write 'required: {show}' to say so")
        yield warning("FLD008", field.spec.span_of("required"), text, hint, name=field.name, show=show)


def _at_times(checking: Checking, field: Placed, required: str, show: str, shown: Node) -> Found:
    span = field.spec.span_of("required")
    needed = checking.tree(required, span, field.env)
    if needed is None:
        return
    hint = N_("it is asked only while it is shown; let the two conditions agree")
    if possible([needed], (), field.values) and not possible([needed, shown], (), field.values):
        text = N_("'{name}' is required only when it is not shown (shown when: {show})")
        yield warning("FLD008", span, text, hint, name=field.name, show=show)
        return
    case = example([needed], [shown], field.values)
    if case is not None:
        text = N_("'{name}' is required but not shown in this case: {case}")
        yield warning("FLD008", span, text, hint, name=field.name, case=case)
