"""A check that knows the one before it gives what a first check gives, whatever was edited."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from app.actions.configurations import read_files
from app.checks.context import Checking
from app.checks.environments import PortalSchema
from app.checks.replay import Replay
from app.checks.run import run_checks
from app.rules.soundness import Configuration, Known
from app.source import Diagnostic, Span, parse_files, warning
from app.source.files import collect_files
from app.source.raw import alike
from app.spec.decode import decode_parts
from app.spec.penalties import PenaltySchedule
from app.spec.portal import SECTIONS, Portal
from app.spec.portal_settings import ChoiceList
from app.spec.watching import Part, Watch, changed_parts
from tests.support.configurations import GOOD

Files = Mapping[str, bytes]
RICH = collect_files(GOOD / "rich").files
SHIPPED = collect_files(Path(__file__).parents[3]).files
HYGIENE, PORTAL, COMMON, KITCHEN = (
    "config/regimes/hygiene/all.yaml",
    "config/portal.yaml",
    "config/regimes/common/all.yaml",
    "checklists/hygiene/kitchen.yaml",
)
WORD = re.compile(r"[a-z][a-z0-9_]{2,}")
EDITS = {
    "an amount": (HYGIENE, "minor_fault: 20", "minor_fault: 25"),
    "an amount below the next lower": (HYGIENE, "{amount: 50, own: true}", "{amount: 5, own: true}"),
    "an example that fails now": (HYGIENE, "exempt: talk}\n", "exempt: dismissal}\n"),
    "a field removed that others read": (
        HYGIENE,
        "      guests: {type: integer",
        "      visitors: {type: integer",
    ),
    "a choice renamed": (PORTAL, "      minor_fault: ", "      small_fault: "),
    "a class of findings renamed": (HYGIENE, "{breach: 违纪", "{violation: 违纪"),
    "a calendar renamed": (PORTAL, "  office:", "  bureau:"),
    "a calendar with another week": (PORTAL, 'sat: "09:00-12:00"', 'sun: "09:00-12:00"'),
    "no calendar for all": (PORTAL, "  calendar: office\n", ""),
    "a role renamed": (PORTAL, "  hr:", "  people:"),
    "a base changed": (HYGIENE, "    drop: [fee, total, lines]", "    drop: [fee, total, unit]"),
    "a fund gone": (HYGIENE, "    fund: {spend_on: [员工活动], keeper: role.hr}\n", ""),
    "a common record type gone": (COMMON, "  training:", "  course:"),
    "a regime no longer used": (HYGIENE, "  uses: [common]\n", ""),
    "a comment, so that all lines move": (HYGIENE, "choices:\n", "# later\nchoices:\n"),
    "an item of a checklist": (KITCHEN, "id: ", "id: new_"),
    "broken syntax": (HYGIENE, "workflows:\n", "workflows: [\n"),
    "a key that is not known": (HYGIENE, "    rank: fault_level", "    ranks: fault_level"),
}
"""What is edited: file, text, its replacement."""


def _same(warm: Configuration, cold: Configuration) -> None:
    assert warm.diagnostics == cold.diagnostics
    assert warm.examples == cold.examples
    assert warm.decoded == cold.decoded
    ours, theirs = _written(warm.decoded.portal), _written(cold.decoded.portal)
    assert list(ours) == list(theirs)
    assert all(alike(ours[name], theirs[name]) for name in ours)


def _written(portal: Portal) -> dict[tuple[str, str], object]:
    sections = (*SECTIONS, "regimes")
    return {
        (section, name): one.written for section in sections for name, one in getattr(portal, section).items()
    }


def _replaced(files: Files, edit: tuple[str, str, str]) -> Files:
    path, old, new = edit
    text = files[path].decode()
    assert old in text
    return {**files, path: text.replace(old, new).encode()}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edit_and_its_mending_are_judged_as_if_for_the_first_time(edit: tuple[str, str, str]) -> None:
    """The second check of a file knows the first; so does the one after the mending."""
    known, edited = Known(100), _replaced(RICH, edit)
    sound, faulty = read_files(RICH), read_files(edited)
    for files, cold in ((RICH, sound), (edited, faulty), (edited, faulty), (RICH, sound)):
        _same(read_files(files, (), known), cold)


def _random_edit(files: Files, chance: random.Random) -> Files:
    """One line is lost, doubled, moved, one word or figure is another, or a whole file is gone."""
    path = chance.choice(sorted(files))
    lines = files[path].decode().split("\n")
    at, words = chance.randrange(len(lines)), []
    match chance.choice(("lose", "double", "blank", "swap", "figure", "word", "everywhere", "file")):
        case "lose":
            del lines[at]
        case "double":
            lines.insert(at, lines[at])
        case "blank":
            lines.insert(at, "")
        case "swap":
            lines[at], lines[at - 1] = lines[at - 1], lines[at]
        case "figure":
            lines = [re.sub(r"\d", str(chance.randrange(10)), line, count=1) for line in lines]
        case "word" if words := WORD.findall(lines[at]):
            lines[at] = lines[at].replace(chance.choice(words), f"{chance.choice(words)}_x", 1)
        case "everywhere" if words := WORD.findall(lines[at]):
            word = chance.choice(words).encode()
            return {name: re.sub(rb"\b%s\b" % word, word + b"_x", data) for name, data in files.items()}
        case "file":
            return {name: data for name, data in files.items() if name != path}
    return {**files, path: "\n".join(lines).encode()}


def _walk(start: Files, chance: random.Random, steps: int) -> Iterator[Files]:
    """Configurations one after the other: edited from the first one or from the last, mended now and then."""
    files = start
    yield files
    for _ in range(steps):
        mended = chance.random() < 0.35
        files = start if mended else _random_edit(chance.choice((start, files)), chance)
        yield dict(sorted(files.items()))


@pytest.mark.parametrize("seed", range(4))
def test_edits_at_random_are_judged_as_if_for_the_first_time(seed: int) -> None:
    """Many edits of the same configuration, one memory for all of them."""
    known = Known(100)
    for files in _walk(RICH, random.Random(seed), 12):
        _same(read_files(files, (), known), read_files(files))


def test_edits_of_the_shipped_configuration_are_judged_as_if_for_the_first_time() -> None:
    """Regimes that use each other, examples, reports with pages of their own."""
    known = Known(1_000)
    for files in _walk(SHIPPED, random.Random(11), 4):
        _same(read_files(files, (), known), read_files(files))


def test_two_drafts_in_turn_do_not_mix() -> None:
    """Two people work on different drafts in one process."""
    known = Known(100)
    one = _replaced(RICH, EDITS["a choice renamed"])
    other = _replaced(RICH, EDITS["a field removed that others read"])
    for files in (one, other, one, other):
        _same(read_files(files, (), known), read_files(files))


def _portal(files: Files, before: Portal | None = None) -> Portal:
    return decode_parts(parse_files(files), before).portal


def test_what_did_not_change_is_the_same_object() -> None:
    """An edited schedule is another one; what has it as its base and says otherwise itself is as it was."""
    before = _portal(RICH)
    after = _portal(_replaced(RICH, EDITS["an amount"]), before)
    changed = changed_parts(before, after)
    assert changed is not None
    values = {part for part in changed if part[1] == "value" and part[0] != "files"}
    assert values == {("penalty_schedules", "value", "hygiene.conduct")}
    assert ("penalty_schedules", "names", "") not in changed
    assert ("penalty_schedules", "all", "") in changed


def test_other_settings_change_everything() -> None:
    """The portal's own keys are read everywhere."""
    before = _portal(RICH)
    assert changed_parts(before, _portal(_replaced(RICH, EDITS["no calendar for all"]), before)) is None


def _judged(portal: Portal, earlier: Watch | None) -> tuple[Watch, list[str], tuple[Diagnostic, ...]]:
    """One check that looks at the rank of each schedule; the schedules that it judged, what it found."""
    watch, judged = Watch(portal, earlier.remembered() if earlier else None), list[str]()
    checking = Checking(watch.portal, Replay(watch))

    def ranks(checking: Checking) -> Iterator[Diagnostic]:
        for schedule in checking.each(PenaltySchedule):
            judged.append(schedule.full_name)
            rank = checking.find(ChoiceList, schedule.rank, schedule.regime)
            yield warning(
                "X", Span("f"), "{name}: {rank}", name=schedule.name, rank=rank and tuple(rank.options)
            )

    assert checking.replay is not None
    return watch, judged, checking.replay.run("ranks", lambda: ranks(checking))


def test_only_what_may_be_judged_otherwise_is_judged_again() -> None:
    """What a check read decides, not which file it lies in."""
    before = _portal(RICH)
    watch, judged, found = _judged(before, None)
    assert judged == ["hygiene.conduct", "hygiene.strict_conduct"]
    same, judged, again = _judged(_portal(RICH, before), watch)
    assert (judged, again) == ([], found)
    edited = _portal(_replaced(RICH, EDITS["an amount"]), before)
    after, judged, again = _judged(edited, same)
    assert (judged, again) == (["hygiene.conduct"], found)
    renamed = _portal(_replaced(RICH, EDITS["a choice renamed"]), edited)
    _, judged, again = _judged(renamed, after)
    assert judged == ["hygiene.conduct", "hygiene.strict_conduct"]
    assert again != found


def test_a_watched_portal_is_read_like_any_other() -> None:
    """The mappings of a run answer as the plain ones do."""
    portal = _portal(SHIPPED)
    watch = Watch(portal)
    for name in (*SECTIONS, "regimes", "templates", "files"):
        plain, watched = getattr(portal, name), getattr(watch.portal, name)
        assert (list(watched), len(watched)) == (list(plain), len(plain))
        assert dict(watched) == dict(plain) and list(watched.items()) == list(plain.items())
        assert all(key in watched and watched.get(key) is plain[key] for key in plain)
        assert watched.get("nothing") is None and "nothing" not in watched
    assert run_checks(portal, None, watch) == run_checks(portal)


READINGS: dict[str, tuple[Callable[[Portal], object], Part]] = {
    "by name": (lambda portal: portal.records["person"], ("records", "value", "person")),
    "by name, if there": (lambda portal: portal.records.get("none"), ("records", "value", "none")),
    "whether it is there": (lambda portal: "none" in portal.records, ("records", "there", "none")),
    "the names": (lambda portal: list(portal.records), ("records", "names", "")),
    "the keys": (lambda portal: set(portal.records.keys()), ("records", "names", "")),
    "how many": (lambda portal: len(portal.records), ("records", "names", "")),
    "each": (lambda portal: list(portal.records.values()), ("records", "all", "")),
    "each with its name": (lambda portal: list(portal.records.items()), ("records", "all", "")),
    "a copy": (lambda portal: {**portal.templates}, ("templates", "names", "")),
    "found by its short name": (
        lambda portal: portal.find(ChoiceList, "kind", "hygiene"),
        ("choices", "value", "hygiene.kind"),
    ),
    "found nowhere": (
        lambda portal: portal.find(ChoiceList, "none", "hygiene"),
        ("choices", "there", "hygiene.none"),
    ),
    "the types of a record, asked for the second time": (
        lambda portal: [PortalSchema(portal).fields("hygiene.finding") for _ in range(2)],
        ("choices", "value", "hygiene.finding_class"),
    ),
}


@pytest.mark.parametrize(("read", "part"), READINGS.values(), ids=READINGS.keys())
def test_every_way_of_reading_is_noted(read: Callable[[Portal], object], part: Part) -> None:
    """For whoever reads first, and for whoever gets what was worked out for the first one."""
    watch = Watch(_portal(RICH))
    read(watch.portal)
    assert part in watch.reads
    watch.reads = set()
    read(watch.portal)
    assert part in watch.reads


def test_what_is_shared_in_a_run_was_looked_at_by_all_who_share_it() -> None:
    """The second one does not make it again, and still depends on all that it was made from."""
    watch, made = Watch(_portal(RICH)), list[str]()

    def make() -> int:
        made.append("once")
        return len(watch.portal.roles)

    answers = [watch.ask(name, lambda: watch.within("shared", make)) for name in ("first", "second")]
    kept = watch.remembered().answers
    assert answers[0] == answers[1] and made == ["once"]
    assert kept["first"].reads == kept["second"].reads == {("roles", "names", "")}


def test_what_a_check_reads_before_its_loop_counts_for_every_declaration() -> None:
    """Here the number of roles."""

    def judged(portal: Portal, earlier: Watch | None) -> tuple[Watch, list[str]]:
        watch, told = Watch(portal, earlier.remembered() if earlier else None), list[str]()
        checking = Checking(watch.portal, replay := Replay(watch))

        def check() -> Iterator[Diagnostic]:
            roles = len(checking.portal.roles)
            for schedule in checking.each(PenaltySchedule):
                told.append(schedule.name)
                yield warning("X", Span("f"), "{roles}", roles=roles)

        replay.run("roles", check)
        return watch, told

    before = _portal(RICH)
    watch, told = judged(before, None)
    after = _portal(
        _replaced(RICH, (PORTAL, "  employee:\n", "  guest: {title: 客人}\n  employee:\n")), before
    )
    assert judged(after, watch)[1] == told == ["conduct", "strict_conduct"]


def test_loops_over_declarations_do_not_stand_in_each_other() -> None:
    """What is found in the inner one could not be told apart."""
    watch = Watch(_portal(RICH))
    checking = Checking(watch.portal, replay := Replay(watch))

    def check() -> Iterator[Diagnostic]:
        for _ in checking.each(PenaltySchedule):
            for other in checking.each(ChoiceList):
                yield warning("X", Span("f"), "{name}", name=other.name)

    with pytest.raises(RuntimeError):
        replay.run("nested", check)
