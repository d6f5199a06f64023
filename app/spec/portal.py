"""The whole configuration, decoded: immutable, every declaration under its full name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from app.spec.base import Named
from app.spec.checklists import Checklist, Standard
from app.spec.names import meanings
from app.spec.penalties import PenaltySchedule
from app.spec.portal_settings import Calendar, ChoiceList, PortalSettings, Regime, Role
from app.spec.records import RecordType
from app.spec.reports import Dashboard, Indicator, Report, Survey
from app.spec.sealed import Sealed, Sources
from app.spec.service_levels import Duty, MessageTemplate, ServiceLevel
from app.spec.workflows import Workflow

Declared = TypeVar("Declared", bound=Named)

SECTIONS: Mapping[str, type[Named]] = MappingProxyType(
    {
        "choices": ChoiceList,
        "calendars": Calendar,
        "roles": Role,
        "records": RecordType,
        "checklists": Checklist,
        "standards": Standard,
        "penalty_schedules": PenaltySchedule,
        "service_levels": ServiceLevel,
        "workflows": Workflow,
        "duties": Duty,
        "indicators": Indicator,
        "surveys": Survey,
        "dashboards": Dashboard,
        "messages": MessageTemplate,
        "reports": Report,
    }
)
"""Sections of named declarations; `portal` and `regime` hold one mapping each and stand apart."""

ADMINISTRATOR = "administrator"
"""The role that may do everything; it exists in every portal, declared or not."""


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """The page template of a report (`report_templates/<regime>/<name>.html`)."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Portal:
    """Everything that was declared. Mappings are keyed by full name (`regime.name`, or the bare name of
    shared and built-in declarations); `files` gives path -> SHA-256 of what was read."""

    settings: PortalSettings
    regimes: Mapping[str, Regime] = field(default_factory=dict)
    choices: Mapping[str, ChoiceList] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    records: Mapping[str, RecordType] = field(default_factory=dict)
    checklists: Mapping[str, Checklist] = field(default_factory=dict)
    standards: Mapping[str, Standard] = field(default_factory=dict)
    penalty_schedules: Mapping[str, PenaltySchedule] = field(default_factory=dict)
    service_levels: Mapping[str, ServiceLevel] = field(default_factory=dict)
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    duties: Mapping[str, Duty] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    surveys: Mapping[str, Survey] = field(default_factory=dict)
    dashboards: Mapping[str, Dashboard] = field(default_factory=dict)
    messages: Mapping[str, MessageTemplate] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    templates: Mapping[str, TemplateFile] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def section(self, kind: type[Declared]) -> Mapping[str, Declared]:
        """All declarations of one kind, by full name."""
        found: Mapping[str, Declared] = getattr(self, kind.section)
        return found

    def candidates(self, kind: type[Declared], name: str, regime: str) -> tuple[Declared, ...]:
        """What `name`, written in `regime` (empty = a shared section), may mean; one is right, two are
        ambiguous, none is unknown.

        A full name means itself. A short name is looked up in its own regime, in those the regime uses, then
        among the shared and built-in ones; in a shared section at last in all regimes (language.md 1.3).
        """
        declared = self.section(kind)
        return tuple(declared[full] for full in self.full_names(kind, name, regime))

    def full_names(self, kind: type[Declared], name: str, regime: str) -> tuple[str, ...]:
        """The full names of the `candidates`, none of which is opened for it."""
        uses = self.regimes[regime].uses if regime in self.regimes else ()
        return meanings(self.section(kind), name, regime, uses)

    def find(self, kind: type[Declared], name: str | None, regime: str) -> Declared | None:
        """The one declaration that `name` means in `regime`, or None when unknown or ambiguous."""
        found = self.candidates(kind, name, regime) if name else ()
        return found[0] if len(found) == 1 else None

    def level_title(self, schedule: PenaltySchedule, name: str) -> str:
        """The words of a level: its own, or those of the choice list that names the levels."""
        level = schedule.levels.get(name)
        if level is not None and level.title:
            return level.title
        ranks = self.find(ChoiceList, schedule.rank, schedule.regime)
        option = ranks.options.get(name) if ranks is not None else None
        return option.title or name if option is not None else name

    def serves(self, regime: str) -> bool:
        """Whether a regime is switched on; shared declarations always are, and so is what a served regime
        uses."""
        if not regime or regime in self.settings.regimes:
            return True
        return any(
            regime in self.regimes[name].uses for name in self.settings.regimes if name in self.regimes
        )

    def served(self, kind: type[Declared]) -> dict[str, Declared]:
        """The declarations of one kind that are switched on."""
        return {full: found for full, found in self.section(kind).items() if self.serves(found.regime)}

    def served_names(self, kind: type[Declared]) -> tuple[str, ...]:
        """The full names of those, none of which is opened for it."""
        return tuple(full for full in self.section(kind) if self.serves(full.rpartition(".")[0]))

    def sources(self, kind: type[Declared]) -> Mapping[str, Sources]:
        """Full name -> where the declaration comes from."""
        declared = self.section(kind)
        if isinstance(declared, Sealed):
            return declared.sources
        return {full: tuple(self._chain(kind, found)) for full, found in declared.items()}

    def _chain(self, kind: type[Declared], declared: Declared) -> Iterator[tuple[str, str]]:
        here: Declared | None = declared
        while here is not None:
            yield here.span.file, self.files.get(here.span.file, "")
            here = self.find(kind, here.extends, here.regime)

    def sealed_alike(self, other: Portal, kind: type[Named]) -> frozenset[str]:
        """Which declarations are the same in `other`, as far as that is known without opening one here."""
        if not isinstance(self.section(kind), Sealed):
            return frozenset()
        here, there = self.sources(kind), other.sources(kind)
        return frozenset(full for full, found in here.items() if there.get(full) == found)
