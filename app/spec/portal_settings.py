"""`portal`, `regime`, `choices`, `calendars`, `roles`: what all regulations stand on."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field as Key
from pydantic import PrivateAttr, field_validator, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler

from app.source import Span
from app.source.raw import RawList, RawMapping
from app.spec.base import (
    Condition,
    Declaration,
    Identifier,
    Many,
    Named,
    Reference,
    Strict,
    Tone,
    spelled_out,
)

Status = Literal["draft", "trial", "in_force", "withdrawn"]
Rows = Literal["all", "own", "unit", "subtree"]
OpenRecords = Literal["keep", "switch", "ask"]
"""What becomes of records that are still open when a release changes what they are judged by."""


class ReleaseSettings(Strict):
    """`portal.releases`: how releases go into service where a release says nothing of its own."""

    open_records: OpenRecords = "keep"


class PortalSettings(Declaration):
    """`portal`: one for the whole installation."""

    organisation: str = ""
    languages: tuple[str, ...] = ("zh_Hans", "en")
    timezone: str = "Asia/Shanghai"
    currency: Annotated[str, Key(pattern=r"^[A-Z]{3}$")] = "CNY"
    regimes: tuple[Identifier, ...] = ()
    accent: Annotated[str, Key(pattern=r"^#[0-9a-fA-F]{6}$")] = "#0b63ce"
    max_upload: str = "10 MB"
    calendar: Identifier | None = None
    releases: ReleaseSettings = ReleaseSettings()


class Regime(Named):
    """`regime`: one regulation, one folder. `menu` lists its record types in the order people want them."""

    section: ClassVar[str] = "regime"

    status: Status = "in_force"
    uses: tuple[Identifier, ...] = ()
    in_force_from: date | None = None
    in_force_to: date | None = None
    missing: tuple[str, ...] = ()
    menu: tuple[Reference, ...] = ()


class Option(Strict):
    """One option of a choice list; written as a bare label (`open: 待办`) or as a mapping."""

    title: str = ""
    tone: Tone | None = None
    help: str = ""
    note: str = ""
    source: str = ""
    was: Identifier | None = None


class ChoiceList(Named):
    """`choices`: a list of options; `ordered: true` makes them comparable in the order written."""

    section: ClassVar[str] = "choices"

    ordered: bool = False
    options: dict[Identifier, Option]

    @field_validator("options", mode="before")
    @classmethod
    def _bare_labels(cls, value: Any) -> Any:
        """`open: 待办` is short for `open: {title: 待办}`."""
        return spelled_out(value, "title")


class Calendar(Named):
    """`calendars`: working hours per weekday with holidays and the organisation's own days.

    hours: weekday or range (`mon-fri`) -> intervals `HH:MM-HH:MM`, past midnight `22:00-30:00`; holidays:
    ISO 3166 code, `CN` or `US-CA`; half_day: `12:30`, which divides the day, or a length such as `4 hours`.
    """

    section: ClassVar[str] = "calendars"

    always: bool = False
    hours: dict[str, tuple[str, ...]] = Key(default_factory=dict)
    holidays: str | None = None
    closed: Many[str] = ()
    open: dict[date, tuple[str, ...]] = Key(default_factory=dict)
    timezone: str | None = None
    half_day: str | None = None
    until: date | None = None

    @field_validator("open", mode="before")
    @classmethod
    def _dates_alone(cls, value: Any) -> Any:
        """Dates alone have the hours of their weekday (or of Monday); one interval may be written alone."""
        if isinstance(value, str):
            return {value: ()}
        if isinstance(value, (list, tuple)):
            return {day: () for day in value}
        return _one_as_list(value)

    @field_validator("hours", mode="before")
    @classmethod
    def _one_interval(cls, value: Any) -> Any:
        """One interval may be written alone."""
        return _one_as_list(value)


def _one_as_list(value: Any) -> Any:
    """The days of a mapping, each with a list of intervals."""
    if not isinstance(value, dict):
        return value
    return {day: [hours] if isinstance(hours, str) else hours for day, hours in value.items()}


_GRANT = re.compile(r"^(?P<verb>[a-z][a-z0-9_]*)(?:\s+(?P<rows>all|own|unit|subtree))?$")
_GRANT_WHERE = re.compile(r"^(?P<verb>[a-z][a-z0-9_]*)\s+where\s+(?P<where>.+)$", re.DOTALL)


class Grant(Strict):
    """What a role may do: a verb or a transition's name, and on which rows.

    Written `read`, `read own`, `read where state == 'open'` or `{verb: read, where: …}`.
    """

    verb: Identifier
    rows: Rows = "all"
    where: Condition | None = None

    @model_validator(mode="before")
    @classmethod
    def _in_words(cls, data: Any) -> Any:
        if not isinstance(data, str):
            return data
        text = data.strip()
        if found := _GRANT_WHERE.match(text):
            return {"verb": found["verb"], "where": found["where"]}
        if found := _GRANT.match(text):
            return {"verb": found["verb"], "rows": found["rows"] or "all"}
        raise ValueError("grant")

    @property
    def in_words(self) -> str:
        """The grant as it is written in short: `read own`, `read where …`."""
        if self.where is not None:
            return f"{self.verb} where {self.where}"
        return self.verb if self.rows == "all" else f"{self.verb} {self.rows}"


class Role(Named):
    """`roles`: what a role may do with each record type, and what it never sees."""

    section: ClassVar[str] = "roles"

    can: dict[str, tuple[Grant, ...]] = Key(default_factory=dict)
    hide: dict[str, tuple[Identifier, ...]] = Key(default_factory=dict)
    read_only: dict[str, tuple[Identifier, ...]] = Key(default_factory=dict)
    _grants_at: dict[str, tuple[Span, ...]] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_grant_places(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(data)
        can = data.get("can") if isinstance(data, RawMapping) else None
        if isinstance(can, RawMapping):
            made._grants_at = {
                name: tuple(grants.items_at) for name, grants in can.items() if isinstance(grants, RawList)
            }
        return made

    def grant_span(self, record_type: str, position: int) -> Span:
        """Where the grant at `position` of `can: {record_type: […]}` is written."""
        places = self._grants_at.get(record_type, ())
        return places[position] if position < len(places) else self.span_of("can")
