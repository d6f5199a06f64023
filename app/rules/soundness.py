"""A configuration as a whole, read, decoded, checked, its examples run: everything that is wrong, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.checks import ExampleReport, run_checks
from app.rules.examples import run_examples
from app.source import Composed, Diagnostic, Sources, collect_files, collector_paused, parse_files, sort_key
from app.spec.decode import Decoded, decode_parts
from app.spec.portal import Portal

Files = Mapping[str, bytes]
MoreFaults = Callable[[Decoded], Iterable[Diagnostic]]
"""What rooms further on have to say: the printing room judges page templates."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Files, and what they say. diagnostics: everything found, warnings too, in order of place; examples run
    only where nothing else is wrong."""

    files: Files
    decoded: Decoded
    sources: Sources
    diagnostics: tuple[Diagnostic, ...]
    examples: ExampleReport

    @property
    def faults(self) -> tuple[Diagnostic, ...]:
        """What is wrong, without the warnings."""
        return tuple(one for one in self.diagnostics if one.severity == "error")

    @property
    def sound(self) -> bool:
        return not self.faults

    @property
    def portal(self) -> Portal | None:
        """What is declared; None when anything is wrong with it."""
        return self.decoded.portal if self.sound else None


def judge_folder(root: Path, more: MoreFaults) -> Configuration:
    """The configuration below `root`, read and checked."""
    collected = collect_files(root)
    return judge_files(collected.files, more, tuple(collected.diagnostics))


def judge_files(
    files: Files, more: MoreFaults, found: tuple[Diagnostic, ...] = (), known: Composed | None = None
) -> Configuration:
    """Decode and check files (path -> content) and run their examples; `found`: faults of reading them;
    `known`: keeps what unchanged files hold."""
    with collector_paused():
        sources = parse_files(dict(files), found, known)
        decoded = decode_parts(sources)
        found = (*decoded.diagnostics, *run_checks(decoded.portal, decoded), *more(decoded))
    examples = ExampleReport()
    if not any(one.severity == "error" for one in found):
        examples = run_examples(decoded.portal)
        found = (*found, *(failed.diagnostic() for failed in examples.failed), *examples.unreached)
    return Configuration(files, decoded, sources, tuple(sorted(found, key=sort_key)), examples)
