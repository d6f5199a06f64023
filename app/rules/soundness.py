"""A configuration as a whole, read, decoded, checked, its examples run: everything that is wrong, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.checks import ExampleReport, run_checks
from app.rules.examples import run_examples
from app.source import Composed, Diagnostic, Sources, collect_files, collector_paused, parse_files, sort_key
from app.source.recent import Recent
from app.spec.decode import Decoded, decode_parts
from app.spec.portal import Portal
from app.spec.watching import Remembered, Watch

Files = Mapping[str, bytes]
MoreFaults = Callable[[Decoded], Iterable[Diagnostic]]
"""What rooms further on have to say: the printing room judges page templates. Where everything could be
decoded they look at the portal alone."""
RunExamples = Callable[[Portal, Watch | None], ExampleReport]
"""What runs the examples: rooms further on have some of their own."""


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


def judge_folder(root: Path, more: MoreFaults, run: RunExamples = run_examples) -> Configuration:
    """The configuration below `root`, read and checked."""
    collected = collect_files(root)
    return judge_files(collected.files, more, tuple(collected.diagnostics), run=run)


class Known:
    """What files held and what was found about it, for checks that come again after an edit.

    For many threads. It holds the newest configuration that was judged, and what `most` files hold: whatever
    is asked, the answer is the one that a first check would give.
    """

    def __init__(self, most: int) -> None:
        self.composed: Composed = Recent(most)
        self.checked: Remembered | None = None
        self.exemplified: Remembered | None = None


def judge_files(
    files: Files,
    more: MoreFaults,
    found: tuple[Diagnostic, ...] = (),
    known: Known | None = None,
    run: RunExamples = run_examples,
) -> Configuration:
    """Decode and check files (path -> content) and run their examples; `found`: faults of reading them;
    `known`: keeps what unchanged files hold and what was found about it."""
    with collector_paused():
        if known is None:
            sources = parse_files(dict(files), found)
            decoded = decode_parts(sources)
            found = (*decoded.diagnostics, *run_checks(decoded.portal, decoded), *more(decoded))
        else:
            sources = parse_files(dict(files), found, known.composed)
            earlier = known.checked
            decoded = decode_parts(sources, earlier.portal if earlier else None)
            watch = Watch(decoded.portal, earlier)
            found = (*decoded.diagnostics, *run_checks(decoded.portal, decoded, watch))
            found = (*found, *_more(more, decoded, watch))
            known.checked = watch.remembered()
        examples = ExampleReport()
        if not any(one.severity == "error" for one in found):
            examples = _examples(decoded.portal, known, run)
            found = (*found, *(failed.diagnostic() for failed in examples.failed), *examples.unreached)
    return Configuration(files, decoded, sources, tuple(sorted(found, key=sort_key)), examples)


def _more(more: MoreFaults, decoded: Decoded, watch: Watch) -> tuple[Diagnostic, ...]:
    if not decoded.sound:
        return tuple(more(decoded))
    watched = replace(decoded, portal=watch.portal)
    return watch.ask(("more", more), lambda: tuple(more(watched)))


def _examples(portal: Portal, known: Known | None, run: RunExamples) -> ExampleReport:
    if known is None:
        return run(portal, None)
    watch = Watch(portal, known.exemplified)
    examples = run(portal, watch)
    known.exemplified = watch.remembered()
    return examples
