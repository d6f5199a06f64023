"""What may happen next with a record, and what follows from it. Pure: facts in, a Step out."""

from app.workflow.effects import (
    Assess,
    CompiledEffect,
    Contest,
    CreateRecord,
    MakeTask,
    MoveLinked,
    Notify,
    Outcome,
    Print,
    Revoke,
    SetFields,
    Values,
    plain,
    work_out,
)
from app.workflow.formulas import Formulas
from app.workflow.machine import Machine, Move, compile_effects, compile_workflow, read_by
from app.workflow.parties import Parties, includes, parse_parties, people
from app.workflow.refusals import TransitionRefused
from app.workflow.step import Option, Step, advance, available, is_empty, is_locked, may_make, permitted
from app.workflow.workflow_examples import run_all_examples

__all__ = [
    "Assess",
    "CompiledEffect",
    "Contest",
    "CreateRecord",
    "Formulas",
    "Machine",
    "MakeTask",
    "Move",
    "MoveLinked",
    "Notify",
    "Option",
    "Outcome",
    "Parties",
    "Print",
    "Revoke",
    "SetFields",
    "Step",
    "TransitionRefused",
    "Values",
    "advance",
    "available",
    "compile_effects",
    "compile_workflow",
    "includes",
    "is_empty",
    "is_locked",
    "may_make",
    "parse_parties",
    "people",
    "permitted",
    "plain",
    "read_by",
    "run_all_examples",
    "work_out",
]
