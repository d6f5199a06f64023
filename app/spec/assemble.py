"""Sources -> declarations by section and full name, raw; duplicates, misplaced sections and `extends`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files

from app.source import N_, Diagnostic, SourceFile, Sources, Span, fault, parse_text, unknown_name_hint
from app.source.raw import Place, RawList, RawMapping
from app.spec.extend import Written, extend_all, merge
from app.spec.names import is_identifier, meanings

KERNEL_FILE = "<kernel>/kernel.yaml"
OF_OWN_FILE = {
    "checklists": "checklists/<regime>/<name>.yaml",
    "reports": "report_templates/<regime>/<name>.yaml",
}


@dataclass(slots=True)
class Assembled:
    """All declarations before decoding. `sections`: section -> full name -> declaration."""

    portal: Written | None = None
    regimes: dict[str, Written] = field(default_factory=dict)
    sections: dict[str, dict[str, Written]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def uses(self, regime: str) -> tuple[str, ...]:
        """The regimes that `regime` says it uses, as written."""
        written = self.regimes.get(regime)
        uses = written.raw.get("uses") if written else None
        if isinstance(uses, str):
            return (uses,)
        return tuple(name for name in uses if isinstance(name, str)) if isinstance(uses, RawList) else ()


@cache
def kernel_sources() -> Sources:
    """The built-in declarations, read like any other file; once, as they do not change while we run."""
    text = files("app.spec").joinpath("kernel.yaml").read_text(encoding="utf-8")
    return parse_text(text, KERNEL_FILE)


def assemble(sources: Sources, sections: tuple[str, ...]) -> Assembled:
    """Sort what the files hold into `sections`; merge amendments of built-in declarations and parents."""
    out = Assembled(sections={section: {} for section in sections})
    for file in kernel_sources().files:
        _take_file(file, out)
    amendments: list[Written] = []
    for file in sources.files:
        amendments.extend(_take_file(file, out))
    _amend(amendments, out)
    for section, written in out.sections.items():
        out.sections[section] = extend_all(written, partial(_find, out, written), out.diagnostics)
    _regimes_without_section(sources, out)
    if out.portal is None and not any(path.startswith("config") for path in sources.broken):
        text = N_("no file declares the section 'portal'")
        hint = N_("write it into config/portal.yaml, with at least a title")
        out.diagnostics.append(fault("NAM006", Span("config"), text, hint))
    return out


def _find(out: Assembled, written: Mapping[str, Written], child: Written, name: str) -> tuple[Written, ...]:
    others: dict[str, object] = {full: one for full, one in written.items() if full != child.full}
    return tuple(written[full] for full in meanings(others, name, child.regime, out.uses(child.regime)))


def _take_file(file: SourceFile, out: Assembled) -> list[Written]:
    """Enter a file's declarations; give back those that amend a built-in one."""
    amendments: list[Written] = []
    if file.kind == "config":
        found = list(_config_file(file, out))
    else:
        section = "checklists" if file.kind == "checklist" else "reports"
        found = list(_checked(Written(section, file.name, file.regime, file.raw, Span(file.path)), out))
    for written in found:
        builtin = out.sections[written.section].get(written.name)
        if builtin is not None and builtin.built_in and not written.built_in and _claims(written):
            if written.raw.get("extends") == written.name:
                amendments.append(written)
            else:
                out.diagnostics.append(_is_built_in(written))
        else:
            _enter(written, out.sections[written.section], out)
    return amendments


def _claims(written: Written) -> bool:
    """Whether a declaration means the built-in one of its name, rather than one of its own regime."""
    same = written.raw.get("extends") == written.name
    return same or not written.regime or written.section == "records"


def _is_built_in(written: Written) -> Diagnostic:
    text = N_("'{name}' is built in")
    hint = N_("write 'extends: {name}' in it to change or add to the built-in one, or take another name")
    return fault("NAM005", written.key_at, text, hint, name=written.name)


def _config_file(file: SourceFile, out: Assembled) -> Iterator[Written]:
    for section, value in file.raw.items():
        at = file.raw.place.key(section)
        if section == "portal" or section == "regime":
            _single(section, value, file, at, out)
        elif section not in out.sections or section in OF_OWN_FILE:
            out.diagnostics.append(_unknown_section(section, at, out))
        elif not isinstance(value, RawMapping):
            text = N_("'{key}' must be a mapping of names to declarations")
            out.diagnostics.append(fault("SPEC004", file.raw.place.value(section), text, key=section))
        else:
            for name, raw in value.items():
                yield from _declaration(section, name, raw, value, file.regime, out)


def _declaration(
    section: str, name: str, raw: object, of: RawMapping, regime: str, out: Assembled
) -> Iterator[Written]:
    if isinstance(raw, RawMapping):
        yield from _checked(Written(section, name, regime, raw, of.place.key(name)), out)
    else:
        out.lost.add(name)
        text = N_("'{key}' must be a mapping of keys")
        out.diagnostics.append(fault("SPEC004", of.place.value(name), text, key=name))


def _checked(written: Written, out: Assembled) -> Iterator[Written]:
    if is_identifier(written.name):
        yield written
        return
    out.lost.add(written.name)
    text = N_("'{written}' is not a name")
    hint = N_("use small letters, digits and '_', beginning with a letter, at most {limit} characters")
    out.diagnostics.append(fault("SPEC005", written.key_at, text, hint, written=written.name, limit=48))


def _unknown_section(section: str, at: Span, out: Assembled) -> Diagnostic:
    if section in OF_OWN_FILE:
        text, hint = N_("'{section}' is not a section"), N_("each has a file of its own: {where}")
        return fault("SPEC001", at, text, hint, section=section, where=OF_OWN_FILE[section])
    known = {"portal", "regime", *out.sections} - OF_OWN_FILE.keys()
    hint, params = unknown_name_hint(section, known)
    return fault("SPEC001", at, N_("'{section}' is not a section"), hint, section=section, **params)


def _single(section: str, value: object, file: SourceFile, at: Span, out: Assembled) -> None:
    """`portal` (once in all) and `regime` (once in each regime's folder)."""
    if not isinstance(value, RawMapping):
        out.lost.add(section)
        text = N_("'{key}' must be a mapping of keys")
        out.diagnostics.append(fault("SPEC004", file.raw.place.value(section), text, key=section))
        if section == "regime" and file.regime:
            value = RawMapping({}, file.raw.place)
        else:
            return
    written = Written(section, file.regime if section == "regime" else section, "", value, at)
    if section == "regime" and not file.regime:
        text = N_("the section 'regime' does not belong in a file that all regimes share")
        hint = N_("put it into config/regimes/<regime>/regime.yaml")
        out.diagnostics.append(fault("NAM007", at, text, hint))
    elif section == "regime":
        _enter(written, out.regimes, out)
    elif out.portal is not None:
        out.diagnostics.append(_twice(written, out.portal))
    else:
        out.portal = written


def _enter(written: Written, among: dict[str, Written], out: Assembled) -> None:
    first = among.get(written.full)
    if first is None:
        among[written.full] = written
    else:
        out.diagnostics.append(_twice(written, first))


def _twice(second: Written, first: Written) -> Diagnostic:
    text = N_("'{name}' is declared twice; it was first declared at {first}")
    hint = N_("keep one of the two, or give one another name")
    return fault("NAM001", second.key_at, text, hint, name=second.full, first=str(first.key_at))


def _regimes_without_section(sources: Sources, out: Assembled) -> None:
    for regime in sorted(sources.regimes - out.regimes.keys()):
        folder = f"config/regimes/{regime}"
        if not is_identifier(regime) or any(path.startswith(f"{folder}/") for path in sources.broken):
            continue
        text = N_("the folder of the regime '{name}' holds no section 'regime'")
        hint = N_("write it into {folder}/regime.yaml, with at least a title")
        out.diagnostics.append(fault("NAM008", Span(folder), text, hint, name=regime, folder=folder))


def _leaves(raw: RawMapping, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Span]]:
    for key, value in raw.items():
        if isinstance(value, RawMapping):
            yield from _leaves(value, (*above, key))
        elif (*above, key) != ("extends",):
            yield (*above, key), raw.place.key(key)


def _amend(amendments: list[Written], out: Assembled) -> None:
    """Merge what regimes and shared files add to built-in declarations; each thing may be said once."""
    said: dict[tuple[str, str, tuple[str, ...]], Span] = {}
    for amendment in amendments:
        among = out.sections[amendment.section]
        builtin = among[amendment.name]
        for path, place in _leaves(amendment.raw):
            at = (amendment.section, amendment.name, path)
            if at in said:
                text = N_("'{name}' is declared twice; it was first declared at {first}")
                hint = N_("the built-in '{owner}' can be changed by one file in this point")
                name, first = ".".join(path), str(said[at])
                params = {"name": name, "first": first, "owner": builtin.name}
                out.diagnostics.append(fault("NAM001", place, text, hint, **params))
            said.setdefault(at, place)
        own = RawMapping({k: v for k, v in amendment.raw.items() if k != "extends"}, amendment.raw.place)
        merged = merge(builtin.raw, own)
        merged.place = Place(builtin.raw.place.span, merged.place.keys, merged.place.values)
        among[builtin.name] = Written(builtin.section, builtin.name, "", merged, builtin.key_at)
