"""What running the `examples:` of a portal gives, whoever runs them."""

from __future__ import annotations

from dataclasses import dataclass

from app.source import N_, Diagnostic, Span, fault


@dataclass(frozen=True, slots=True)
class FailedExample:
    """An example whose outcome differs: where it stands, its name, what was expected and what came out."""

    span: Span
    name: str
    expected: str
    got: str

    def diagnostic(self) -> Diagnostic:
        """EXM002: the example as a fault."""
        text = N_("the example '{name}' expects {expected}, and the rules give {got}")
        if not self.name:
            text = N_("this example expects {expected}, and the rules give {got}")
        return fault("EXM002", self.span, text, name=self.name, expected=self.expected, got=self.got)


@dataclass(frozen=True, slots=True)
class ExampleReport:
    """How many examples came out as expected, those that did not, and a warning for each rule that the
    examples of its declaration do not reach."""

    passed: int = 0
    failed: tuple[FailedExample, ...] = ()
    unreached: tuple[Diagnostic, ...] = ()
