"""Meaning across files: one small function for each kind of fault."""

from app.checks.examples import ExampleReport, FailedExample
from app.checks.run import CHECKS, run_checks

__all__ = ["CHECKS", "ExampleReport", "FailedExample", "run_checks"]
