"""Examples of workflows: the fields, roles, states and transitions that they name exist."""

from __future__ import annotations

from collections.abc import Iterable

from app.checks.context import Checking, Found, unknown_word
from app.checks.given_cells import Cells, cell_faults
from app.checks.workflows import users_of
from app.source import N_, fault
from app.spec.records import RecordType
from app.spec.workflows import WORKFLOW_RESULTS, WORKFLOW_WORDS, Workflow, WorkflowExample

ROLE = "role."


def examples_of_workflows_name_known_things(checking: Checking) -> Found:
    """EXM001, REF001: what an example of a workflow gives and expects exists."""
    for workflow in checking.each(Workflow):
        if not workflow.examples:
            continue
        records = users_of(checking, workflow)
        for example in workflow.examples:
            yield from _given(checking, workflow, example, records)
            yield from _expected(workflow, example)


def follower(
    records: Iterable[RecordType], known: Iterable[Iterable[str]], example: WorkflowExample
) -> RecordType | None:
    """Of the record types that follow a workflow, each with the names it knows, the one that an example is
    about: the first that has all its fields, else the first."""
    wanted = {name.removeprefix("this.").split(".")[0] for name in example.given} - {*WORKFLOW_WORDS}
    pairs = list(zip(records, known, strict=True))
    return next((record for record, names in pairs if wanted <= set(names)), pairs[0][0] if pairs else None)


def _given(
    checking: Checking, workflow: Workflow, example: WorkflowExample, records: tuple[RecordType, ...]
) -> Found:
    given = example.given
    move = given.get("move")
    if move is not None and str(move) not in workflow.transitions:
        text = N_("the workflow '{owner}' has no transition '{name}'")
        known = workflow.transitions
        yield unknown_word(
            "EXM001", example.span_at("given", "move"), text, str(move), known, owner=workflow.full_name
        )
    for index, role in enumerate(roles_written(given.get("as"))):
        several = isinstance(given.get("as"), (list, tuple))
        span = example.span_at("given", "as", index) if several else example.span_at("given", "as")
        yield from checking.role(role, workflow.regime, span)
    environments = [checking.environment(record) for record in records]
    record = follower(records, [env.names for env in environments], example)
    if record is None:
        return
    env = checking.environment(record)
    cells = Cells(example, env, env.names, record.full_name)
    for name, written in given.items():
        if name not in WORKFLOW_WORDS:
            yield from cell_faults(cells, ("given", name), name.removeprefix("this."), written)


def roles_written(written: object) -> tuple[str, ...]:
    """`role.hr`, `hr`, or several of them."""
    if written is None:
        return ()
    several = written if isinstance(written, (list, tuple)) else (written,)
    return tuple(str(one).removeprefix(ROLE) for one in several)


def _expected(workflow: Workflow, example: WorkflowExample) -> Found:
    if not example.expect:
        yield fault("EXM001", example.span_of("expect"), N_("the example expects nothing"))
    for key, value in example.expect.items():
        if key not in WORKFLOW_RESULTS:
            text = N_("an example of a workflow cannot expect '{name}'")
            span = example.key_at("expect", key)
            yield unknown_word("EXM001", span, text, key, WORKFLOW_RESULTS)
        elif key != "moves" and example.given.get("move") is None:
            text, hint = N_("the example names no transition"), N_("write 'move:' under 'given'")
            yield fault("EXM001", example.span_of("given"), text, hint)
        if key == "state" and str(value) not in workflow.states:
            text = N_("the workflow '{owner}' has no state '{name}'")
            span = example.span_at("expect", key)
            yield unknown_word("EXM001", span, text, str(value), workflow.states, owner=workflow.full_name)
        if key == "moves":
            yield from _moves(workflow, example, value)


def _moves(workflow: Workflow, example: WorkflowExample, value: object) -> Found:
    several = isinstance(value, (list, tuple))
    for index, name in enumerate(value if isinstance(value, (list, tuple)) else (value,)):
        if name is not None and str(name) not in workflow.transitions:
            text = N_("the workflow '{owner}' has no transition '{name}'")
            span = example.span_at("expect", "moves", *((index,) if several else ()))
            known = workflow.transitions
            yield unknown_word("EXM001", span, text, str(name), known, owner=workflow.full_name)
