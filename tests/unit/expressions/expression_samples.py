"""Well-typed expressions, and records to evaluate them on, at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from expression_world import KIND, LEVEL
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

_OWN: Mapping[str, tuple[str, ...]] = {
    "number": ("amount", "qty", "rate", "who.age", "who.rate", "who.superior.rate", "this.amount"),
    "boolean": ("flag", "other", "who.active", "boss.superior.active"),
    "text": ("title", "note", "who.name", "who.superior.name"),
    "date": ("due", "done", "today", "who.since"),
    "instant": ("seen", "closed", "now"),
    "span": ("took",),
    "time": ("opens",),
    "level": ("level", "limit", "who.level"),
    "kind": ("kind",),
    "link": ("who", "boss", "who.superior", "me"),
}
_STEP: Mapping[str, tuple[str, ...]] = {
    "number": ("cost", "this.amount", "this.qty", "who.age"),
    "boolean": ("ok", "this.flag", "who.active"),
    "text": ("what", "this.title", "who.name"),
    "date": ("by", "this.due", "today"),
    "instant": ("at", "this.seen", "now"),
    "span": ("spent", "this.took"),
    "time": ("this.opens",),
    "level": ("grade", "this.level"),
    "kind": ("this.kind",),
    "link": ("who", "this.boss", "me"),
}
_HELPER: Mapping[str, tuple[str, ...]] = {
    **_STEP,
    "number": ("age", "rate", "this.amount"),
    "boolean": ("active", "this.flag"),
    "text": ("name", "this.title"),
    "date": ("since", "today"),
    "instant": ("this.seen", "now"),
    "span": ("this.took",),
    "level": ("level", "this.level"),
    "link": ("superior", "this.boss", "me"),
}
_PENALTY: Mapping[str, tuple[str, ...]] = {
    **_STEP,
    "number": ("amount", "this.amount", "offender.age"),
    "boolean": ("paid", "this.flag", "offender.active"),
    "text": ("offender.name", "this.title"),
    "date": ("given", "this.due", "today"),
    "instant": ("this.seen", "now"),
    "span": ("wait", "this.took"),
    "level": ("level", "this.level"),
    "link": ("offender", "this.who", "me"),
}
_LITERALS: Mapping[str, st.SearchStrategy[str]] = {
    "number": st.sampled_from(["0", "1", "2", "0.5", "3", "100", "0.005", "7.25", "12.5", "50", "33.335"]),
    "boolean": st.sampled_from(["True", "False"]),
    "text": st.sampled_from(["'a'", "'ab'", "'过失'", "'Z'", "'😀'", "'é'"]),
    "date": st.sampled_from(["today", "(today + days(3))", "(today - months(1))"]),
    "instant": st.sampled_from(["now", "(now - hours(5))", "(now + months(1))"]),
    "span": st.sampled_from(["days(1)", "hours(1.5)", "minutes(20)", "hours(48)", "days(0.3)"]),
    "time": st.sampled_from(["opens"]),
    "level": st.sampled_from([f"'{option}'" for option in LEVEL.options]),
    "kind": st.sampled_from([f"'{option}'" for option in KIND.options]),
    "link": st.sampled_from(["me", "boss"]),
}
_ORDERED = ("number", "date", "instant", "span", "text", "level")
_EQUAL = (*_ORDERED, "kind", "link", "boolean", "time")
_BESIDE = st.sampled_from(["in", "<", ">", "<=", ">="])
_ORDER = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_EQUALITY = st.sampled_from(["==", "!="])


class _Maker:
    """Writes one expression; `names` are the paths in sight, `rows` whether it may run over rows."""

    def __init__(self, draw: Draw, names: Mapping[str, tuple[str, ...]], *, rows: bool) -> None:
        self.draw, self.names, self.rows = draw, names, rows

    def make(self, kind: str, depth: int) -> str:
        """An expression of that kind."""
        if depth <= 0 or self.draw(st.integers(0, 5)) == 0:
            return self.leaf(kind)
        return str(getattr(self, f"make_{kind}", self._chosen(kind))(depth - 1))

    def leaf(self, kind: str) -> str:
        pool = self.names[kind]
        literal = self.names is _OWN or kind not in ("link", "time")
        if literal and self.draw(st.integers(0, 2)) == 0:
            return str(self.draw(_LITERALS[kind]))
        return str(self.draw(st.sampled_from(pool)))

    def path(self, kind: str) -> str:
        return str(self.draw(st.sampled_from(self.names[kind])))

    def pick(self, *options: Callable[[], str]) -> str:
        return str(self.draw(st.sampled_from(options))())

    def _chosen(self, kind: str) -> Callable[[int], str]:
        def run(depth: int) -> str:
            return self.pick(lambda: self.conditional(kind, depth), lambda: self.leaf(kind))

        return run

    def conditional(self, kind: str, depth: int) -> str:
        then, other = self.path(kind), self.make(kind, depth)
        return f"({then} if {self.make('boolean', depth)} else {other})"

    def coalesce(self, kind: str, depth: int) -> str:
        return f"coalesce({self.path(kind)}, {self.make(kind, depth)})"

    def make_number(self, depth: int) -> str:
        sign = self.draw(st.sampled_from("+-*/"))
        two = lambda: (self.make("number", depth), self.make("number", depth))  # noqa: E731
        return self.pick(
            lambda: f"({self.make('number', depth)} {sign} {self.divisor(depth)})",
            lambda: f"round({self.make('number', depth)}, {self.draw(st.sampled_from([0, 1, 2, -1]))})",
            lambda: f"abs({self.make('number', depth)})",
            lambda: f"-({self.make('number', depth)})",
            lambda: "{}({}, {})".format(self.draw(st.sampled_from(["min", "max"])), *two()),
            lambda: f"length({self.path('text')})",
            lambda: f"hour({self.make('instant', depth)})",
            lambda: f"({self.make('span', depth)} / {self.make('span', depth)})",
            lambda: "share({}, {})".format(*two()),
            lambda: self.conditional("number", depth),
            lambda: self.coalesce("number", depth),
            lambda: self.over_rows(depth),
        )

    def divisor(self, depth: int) -> str:
        """Any number but a written 0, which may not divide."""
        number = self.make("number", depth)
        return "qty" if set(number) <= set("-()0") else number

    def over_rows(self, depth: int) -> str:
        if not self.rows:
            return self.leaf("number")
        group, names = self.draw(
            st.sampled_from([("steps", _STEP), ("helpers", _HELPER), ("penalty", _PENALTY)])
        )
        inside = _Maker(self.draw, names, rows=False)
        where = self.draw(st.booleans())
        tail = f", {inside.make('boolean', depth)}" if where else ""
        function = self.draw(st.sampled_from(["count", "sum", "avg", "median", "min", "max", "share"]))
        if function == "count":
            return f"count({group}{tail})"
        if function == "share":
            return f"share({group}, {inside.make('boolean', depth)}{tail})"
        return f"{function}({group}, {inside.make('number', min(depth, 1))}{tail})"

    def make_boolean(self, depth: int) -> str:
        word = self.draw(st.sampled_from(["and", "or"]))
        return self.pick(
            lambda: f"({self.make('boolean', depth)} {word} {self.make('boolean', depth)})",
            lambda: f"({self.make('boolean', depth)} {word} {self.make('boolean', depth)})",
            lambda: f"(not {self.make('boolean', depth)})",
            lambda: self.comparison(depth),
            lambda: self.comparison(depth),
            lambda: self.emptiness(),
            lambda: self.one_of(depth),
            lambda: self.special(depth),
            lambda: self.conditional("boolean", depth),
            lambda: self.quantified(depth),
        )

    def comparison(self, depth: int) -> str:
        kind = self.draw(st.sampled_from(_EQUAL))
        sign = self.draw(_ORDER if kind in _ORDERED else _EQUALITY)
        left = self.path(kind)
        right = self.make(kind, depth)
        return f"({left} {sign} {right})"

    def emptiness(self) -> str:
        kind = self.draw(st.sampled_from(_EQUAL))
        path = self.path(kind)
        forms = ["({} == None)", "({} != None)", "(not {})", "({} == '')", "({} and True)"]
        return str(self.draw(st.sampled_from(forms))).format(path)

    def one_of(self, depth: int) -> str:
        kind = self.draw(st.sampled_from(["number", "text", "level", "kind", "date"]))
        word = self.draw(st.sampled_from(["in", "not in"]))
        path = self.path(kind)
        options = [self.draw(_LITERALS[kind]), self.path(kind), self.draw(_LITERALS[kind])]
        return f"({path} {word} [{', '.join(options)}])"

    def special(self, depth: int) -> str:
        own = self.names is _OWN
        return self.pick(
            lambda: f"contains({self.path('text')}, {self.draw(_LITERALS['text'])})",
            lambda: f"starts_with({self.path('text')}, {self.draw(_LITERALS['text'])})",
            lambda: f"({self.make('date', depth)} {self.draw(_BESIDE)} period)",
            lambda: f"({self.make('instant', depth)} {self.draw(_BESIDE)} period)",
            lambda: "has_role('hr')",
            lambda: f"({self.draw(_LITERALS['kind'])} in tags)" if own else "has_role('cook')",
            lambda: "(kind in tags)" if own else "True",
            lambda: f"({self.path('link')} in helpers)" if own else "False",
            lambda: "(not tags or helpers)" if own else "False",
        )

    def quantified(self, depth: int) -> str:
        if not self.rows:
            return self.leaf("boolean")
        group, names = self.draw(st.sampled_from([("steps", _STEP), ("helpers", _HELPER)]))
        inside = _Maker(self.draw, names, rows=False)
        return f"{self.draw(st.sampled_from(['any', 'all']))}({group}, {inside.make('boolean', depth)})"

    def make_date(self, depth: int) -> str:
        sign = self.draw(st.sampled_from("+-"))
        months = self.draw(st.sampled_from(["1", "13", "0", "qty" if self.names is _OWN else "2"]))
        return self.pick(
            lambda: f"({self.make('date', depth)} {sign} {self.make('span', depth)})",
            lambda: f"({self.make('date', depth)} {sign} months({months}))",
            lambda: f"min({self.make('date', depth)}, {self.make('date', depth)})",
            lambda: f"date({self.make('instant', depth)})",
            lambda: self.conditional("date", depth),
            lambda: self.coalesce("date", depth),
        )

    def make_instant(self, depth: int) -> str:
        sign = self.draw(st.sampled_from("+-"))
        months = self.draw(st.sampled_from(["1", "6", "12"]))
        return self.pick(
            lambda: f"({self.make('instant', depth)} {sign} {self.make('span', depth)})",
            lambda: f"({self.make('instant', depth)} {sign} months({months}))",
            lambda: f"max({self.make('instant', depth)}, {self.make('instant', depth)})",
            lambda: self.conditional("instant", depth),
            lambda: self.coalesce("instant", depth),
        )

    def make_span(self, depth: int) -> str:
        sign = self.draw(st.sampled_from("+-"))
        factor = self.draw(st.sampled_from("*/"))
        return self.pick(
            lambda: f"({self.make('instant', depth)} - {self.path('instant')})",
            lambda: f"({self.make('date', depth)} - {self.path('date')})",
            lambda: f"({self.make('span', depth)} {sign} {self.make('span', depth)})",
            lambda: f"({self.make('span', depth)} {factor} {self.divisor(depth)})",
            lambda: f"hours({self.make('number', depth)})",
            lambda: f"abs({self.make('span', depth)})",
            lambda: f"-({self.make('span', depth)})",
            lambda: self.spans_of_rows(depth),
            lambda: self.coalesce("span", depth),
        )

    def spans_of_rows(self, depth: int) -> str:
        if not self.rows:
            return self.leaf("span")
        inside = _Maker(self.draw, _STEP, rows=False)
        function = self.draw(st.sampled_from(["sum", "avg", "median", "min", "max"]))
        return f"{function}(steps, {inside.make('span', min(depth, 1))})"

    def make_level(self, depth: int) -> str:
        return self.pick(
            lambda: self.conditional("level", depth),
            lambda: self.coalesce("level", depth),
            lambda: (
                f"{self.draw(st.sampled_from(['min', 'max']))}(steps, grade)"
                if self.rows
                else self.path("level")
            ),
        )


KINDS = ("number", "boolean", "boolean", "date", "instant", "span", "level", "text")


@st.composite
def expressions(draw: Draw) -> str:
    """The text of a well-typed expression."""
    return _Maker(draw, _OWN, rows=True).make(draw(st.sampled_from(KINDS)), 3)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy, strategy)


_TEXTS = st.sampled_from(["a", "ab", "Z", "过失", "é", "😀", "｡a", "x y"])
_DATES = st.sampled_from(
    [
        date(2026, 1, 31),
        date(2026, 3, 1),
        date(2026, 3, 31),
        date(2024, 2, 29),
        date(1, 1, 1),
        date(9999, 12, 31),
    ]
)
_INSTANTS = st.sampled_from(
    [
        datetime(2026, 3, 31, 15, 59, 59, 999999, UTC),
        datetime(2026, 3, 31, 16, tzinfo=UTC),
        datetime(2026, 2, 28, 16, tzinfo=UTC),
        datetime(2026, 1, 30, 18, 0, 0, 1, UTC),
        datetime(2026, 3, 31, 9, 30, tzinfo=UTC),
        datetime(2024, 2, 29, 4, tzinfo=UTC),
    ]
)
_SPANS = st.sampled_from(
    [
        timedelta(0),
        timedelta(hours=48),
        timedelta(days=-1, microseconds=1),
        timedelta(microseconds=7),
        timedelta(days=3),
    ]
)
_LEVELS = st.sampled_from(LEVEL.options)


def _decimals(places: int) -> st.SearchStrategy[Decimal]:
    units = st.one_of(st.integers(-1500, 1500), st.integers(-(10**9), 10**9), st.just(0))
    return units.map(lambda count: Decimal(count).scaleb(-places))


@st.composite
def people(draw: Draw, number: int, depth: int = 1) -> dict[str, Any]:
    """A person, with a superior as deep as `depth`."""
    superior = draw(_maybe(people(number + 10, depth - 1))) if depth else None
    return {
        "id": number,
        "name": draw(_maybe(_TEXTS)),
        "age": draw(_maybe(st.integers(-3, 70))),
        "rate": draw(_maybe(_decimals(4))),
        "active": draw(_maybe(st.booleans())),
        "since": draw(_maybe(_DATES)),
        "level": draw(_maybe(_LEVELS)),
        "superior": superior,
    }


@st.composite
def cases(draw: Draw) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A case with its lines and helpers, and the penalties of the world."""
    staff = [draw(people(1)), draw(people(2)), draw(people(3))]
    someone = _maybe(st.sampled_from(staff))
    case = {
        "id": draw(st.sampled_from([1, 2])),
        "amount": draw(_maybe(_decimals(2))),
        "qty": draw(_maybe(st.integers(-3, 9))),
        "rate": draw(_maybe(_decimals(3))),
        "flag": draw(_maybe(st.booleans())),
        "other": draw(_maybe(st.booleans())),
        "title": draw(_maybe(_TEXTS)),
        "note": draw(_maybe(_TEXTS)),
        "level": draw(_maybe(_LEVELS)),
        "limit": draw(_maybe(_LEVELS)),
        "kind": draw(_maybe(st.sampled_from(KIND.options))),
        "due": draw(_maybe(_DATES)),
        "done": draw(_maybe(_DATES)),
        "seen": draw(_maybe(_INSTANTS)),
        "closed": draw(_maybe(_INSTANTS)),
        "opens": draw(_maybe(st.sampled_from([time(8), time(18, 30)]))),
        "took": draw(_maybe(_SPANS)),
        "who": draw(someone),
        "boss": draw(someone),
        "tags": draw(st.lists(st.sampled_from(KIND.options), unique=True, max_size=2)),
        "helpers": draw(st.lists(st.sampled_from(staff), unique_by=lambda person: person["id"], max_size=3)),
        "steps": [
            {
                "what": draw(_maybe(_TEXTS)),
                "cost": draw(_maybe(_decimals(2))),
                "by": draw(_maybe(_DATES)),
                "at": draw(_maybe(_INSTANTS)),
                "spent": draw(_maybe(_SPANS)),
                "ok": draw(_maybe(st.booleans())),
                "grade": draw(_maybe(_LEVELS)),
                "who": draw(someone),
            }
            for _ in range(draw(st.integers(0, 3)))
        ],
    }
    penalties = [
        {
            "id": number,
            "offender": draw(someone),
            "amount": draw(_maybe(_decimals(2))),
            "level": draw(_maybe(_LEVELS)),
            "given": draw(_maybe(_DATES)),
            "paid": draw(_maybe(st.booleans())),
            "wait": draw(_maybe(_SPANS)),
        }
        for number in range(draw(st.integers(0, 3)))
    ]
    return case, penalties
