"""Sources -> `Portal`: typed, frozen, every fault found at its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from app.source import Diagnostic, Sources, Span, collector_paused, read_sources, sort_key
from app.source.raw import RawList, RawMapping, alike, place_at
from app.spec.assemble import Assembled, assemble
from app.spec.base import Strict
from app.spec.calendar_choice import with_calendars
from app.spec.explain import Path as RawPath
from app.spec.explain import Refusal, diagnose, refusal, tidy
from app.spec.extend import Written
from app.spec.funds import with_funds
from app.spec.portal import SECTIONS, Portal, TemplateFile
from app.spec.portal_settings import ChoiceList, PortalSettings, Regime

Model = TypeVar("Model", bound=Strict)
_MAX_ROUNDS = 12
_BEFORE_COLON = re.compile(r"([a-z][a-z0-9_]*)\s*:")


@dataclass(frozen=True, slots=True)
class Decoded:
    """What could be decoded. Where `diagnostics` holds faults, `portal` lacks what they are about, and `lost`
    holds the names of what it lacks, so that nobody reports them as undeclared as well."""

    portal: Portal
    lost: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def sound(self) -> bool:
        return not any(found.severity == "error" for found in self.diagnostics)


def load_portal(root: Path) -> tuple[Portal | None, tuple[Diagnostic, ...]]:
    """Read and decode the configuration below `root`; no Portal when there is any fault.

    Meaning across files is not judged here: see `app.checks.run_checks`.
    """
    with collector_paused():
        return decode(read_sources(root))


def decode(sources: Sources) -> tuple[Portal | None, tuple[Diagnostic, ...]]:
    """The Portal of `sources`, or None when there is any fault, with all diagnostics in order of place."""
    decoded = decode_parts(sources)
    return (decoded.portal if decoded.sound else None), decoded.diagnostics


def decode_parts(sources: Sources, before: Portal | None = None) -> Decoded:
    """Decode everything that can be decoded, beside the faults of what cannot.

    before: what was decoded earlier; of it, declarations that read the same at the same places are taken as
    they are, so that whoever looks at both portals sees by identity what has changed.
    """
    assembled = assemble(sources, tuple(SECTIONS))
    found: list[Diagnostic] = [*sources.diagnostics, *assembled.diagnostics]
    lost = set(assembled.lost)
    made: Mapping[str, PortalSettings] = {"": before.settings} if before else {}
    settings = _read_one(PortalSettings, assembled.portal, found, lost, made.get("")) or PortalSettings()
    regimes = _read_all(Regime, assembled.regimes, found, lost, before.regimes if before else {})
    sections: dict[str, Mapping[str, object]] = {
        section: _read_all(
            model, assembled.sections[section], found, lost, before.section(model) if before else {}
        )
        for section, model in SECTIONS.items()
    }
    sections["choices"] = with_funds(sections["choices"], sections["penalty_schedules"])  # type: ignore[arg-type]
    sections["choices"] = with_calendars(sections["choices"], sections["calendars"])  # type: ignore[arg-type]
    if before is not None:
        sections["choices"] = _as_before(sections["choices"], before.choices)  # type: ignore[arg-type]
    templates = {_template_name(path): TemplateFile(path, text) for path, text in sources.templates.items()}
    portal = Portal(
        settings,
        regimes,
        templates=templates,
        files=sources.hashes,
        **sections,  # type: ignore[arg-type]  # SECTIONS pairs each field of Portal with its model
    )
    lost |= _names_in(sources)
    return Decoded(portal, frozenset(lost), tuple(sorted(set_of(found), key=sort_key)))


def _as_before(now: Mapping[str, ChoiceList], before: Mapping[str, ChoiceList]) -> dict[str, ChoiceList]:
    """The choice lists, those that are filled from elsewhere as they were, if they hold the same."""
    kept = {}
    for name, choices in now.items():
        old = before.get(name)
        same = old is not None and old == choices and alike(old.written, choices.written)
        if old is not None and same:
            pairs = zip(old.options.items(), choices.options.items(), strict=True)
            same = all(a == b and alike(x.written, y.written) for (a, x), (b, y) in pairs)
        kept[name] = old if old is not None and same else choices
    return kept


def set_of(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics, each place and sentence once (an inherited fault shows up in every heir)."""
    seen: dict[tuple[str, Span, str], Diagnostic] = {}
    for one in found:
        seen.setdefault((one.code, one.span, one.message()), one)
    return list(seen.values())


def _template_name(path: str) -> str:
    _, regime, name = path.split("/")
    return f"{regime}.{name.rpartition('.')[0]}"


def _names_in(sources: Sources) -> set[str]:
    """What files that could not be read may have declared: the names of such files, and every word before
    a colon in them."""
    names: set[str] = set()
    for path in sources.broken:
        names.add(path.rpartition("/")[2].rpartition(".")[0])
        names.update(_BEFORE_COLON.findall(sources.texts.get(path, "")))
    return names


def _read_all(
    model: type[Model],
    written: Mapping[str, Written],
    found: list[Diagnostic],
    lost: set[str],
    before: Mapping[str, Model],
) -> dict[str, Model]:
    made: dict[str, Model] = {}
    for full, one in written.items():
        declaration = _read_one(model, one, found, lost, before.get(full))
        if declaration is not None:
            made[full] = declaration
    return made


def _read_one(
    model: type[Model],
    written: Written | None,
    found: list[Diagnostic],
    lost: set[str],
    before: Model | None,
) -> Model | None:
    if written is None:
        return None
    # What was refused of it is not in what it stands on: only what was read without a fault is alike.
    if before is not None and alike(before.written, written.raw):
        return before
    made = read_model(model, written, found, lost)
    if made is None:
        lost.add(written.name)
    named = getattr(made, "named", None)
    if named is not None:
        named(written.name, written.regime)
    return made


def read_model(model: type[Model], written: Written, found: list[Diagnostic], lost: set[str]) -> Model | None:
    """Decode one declaration. What is refused is reported and left out, so that the rest can be judged too;
    the names of what was left out go to `lost`. None when nothing usable remains."""
    raw = written.raw
    earlier = [one.span for one in found if one.span.file == raw.place.span.file]
    for round_ in range(_MAX_ROUNDS):
        try:
            return model.model_validate(raw, by_alias=True, by_name=False)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            refusals = tidy(refusal(one, model, raw) for one in details)
        if round_ == 0:
            told = [one for one in refusals if not _explained(one, written, earlier)]
            found.extend(diagnose(one, raw, written.key_at) for one in told)
        if any(not one.path for one in refusals):
            return None
        lost |= {name for one in refusals if one.kind != "extra_forbidden" for name in _lost_names(raw, one)}
        raw = _pruned(raw, {one.path for one in refusals}, ())
    return None


def _explained(refused: Refusal, written: Written, earlier: list[Span]) -> bool:
    """Whether a missing key is the consequence of a fault that has been reported: of the base that is not
    there, or of a key that could not be read."""
    if refused.kind != "missing":
        return False
    place = place_at(written.raw, refused.path)
    return written.orphan or any(place.encloses(span) for span in earlier)


def _lost_names(raw: RawMapping, refused: Refusal) -> Iterable[str]:
    """The key that is left out, or the id of the list's element."""
    value: object = raw
    for part in refused.path:
        value = value[part] if isinstance(value, (RawMapping, RawList)) else None  # type: ignore[index]
    if isinstance(value, RawMapping) and isinstance(name := value.get("id"), str):
        yield name
    if isinstance(refused.path[-1], str):
        yield refused.path[-1]


def _pruned(value: RawMapping, paths: set[RawPath], here: RawPath) -> RawMapping:
    """A copy of `value` without what `paths` lead to."""
    kept = {
        key: _copy(inner, paths, (*here, key)) for key, inner in value.items() if (*here, key) not in paths
    }
    return RawMapping(kept, value.place)


def _copy(value: object, paths: set[RawPath], here: RawPath) -> object:
    if isinstance(value, RawMapping):
        return _pruned(value, paths, here)
    if not isinstance(value, RawList):
        return value
    indexes = [index for index in range(len(value)) if (*here, index) not in paths]
    kept = [_copy(value[index], paths, (*here, index)) for index in indexes]
    return RawList(kept, value.span, [value.items_at[index] for index in indexes])


__all__ = ["Assembled", "Decoded", "decode", "decode_parts", "load_portal", "read_model"]
