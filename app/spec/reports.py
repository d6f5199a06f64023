"""`report_templates/<regime>/<name>.yaml`, `indicators`, `surveys`, `dashboards`."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field as Key

from app.spec.base import Condition, Declaration, Formula, Identifier, Many, Named, Number, Reference, Strict
from app.spec.field_types import FieldType
from app.spec.indicator_examples import IndicatorExample


class Parameter(Declaration):
    """A question asked before a period report is made."""

    type: FieldType = "text"
    default: str | None = None
    options: Reference | None = None
    required: bool = True


class DataSet(Strict):
    """Rows of a report: plain columns, or measures grouped `by` fields.

    `titles` gives columns and measures words of their own.
    """

    from_: Reference = Key(alias="from")
    title: str = ""
    titles: dict[str, str] = Key(default_factory=dict)
    where: Condition | None = None
    columns: tuple[str, ...] = ()
    by: Many[str] = ()
    measures: dict[Identifier, Formula] = Key(default_factory=dict)
    order: str | None = None
    limit: int | None = None
    totals: bool = True


class Chart(Strict):
    """A chart over a data set."""

    kind: Literal["bar", "line", "pie"] = "bar"
    data: Identifier
    x: str
    y: Many[str]
    title: str = ""


class Page(Strict):
    """Paper of a print."""

    size: Literal["A4", "A3", "A5", "letter"] = "A4"
    orientation: Literal["portrait", "landscape"] = "portrait"


class Issue(Strict):
    """How a print becomes a numbered, frozen document."""

    number: str | None = None
    approve: Many[str] = ()
    copies: int = 1
    publish: bool = False
    redact: Many[Identifier] = ()
    every: str | None = None


class Report(Named):
    """A printable report. `of: record` prints one record of type `record`."""

    section: ClassVar[str] = "reports"

    of: Literal["record", "period", "selection"] = "record"
    record: Reference | None = None
    parameters: dict[Identifier, Parameter] = Key(default_factory=dict)
    data: dict[Identifier, DataSet] = Key(default_factory=dict)
    charts: dict[Identifier, Chart] = Key(default_factory=dict)
    page: Page = Key(default_factory=Page)
    issue: Issue | None = None


class Indicator(Named):
    """A figure measured over a period against a target."""

    section: ClassVar[str] = "indicators"

    of: Reference | None = None
    where: Condition | None = None
    share: Formula | None = None
    value: Formula | None = None
    target: str | None = None
    by: Many[Identifier] = ()
    every: str | None = None
    owner: str | None = None
    unit: str | None = None
    manual: bool = False
    standard: str | None = None
    examples: tuple[IndicatorExample, ...] = ()


class Dimension(Declaration):
    """One dimension of a survey."""

    weight: Number = Decimal(1)
    items: dict[Identifier, str] = Key(default_factory=dict)


class Survey(Named):
    """A satisfaction survey by dimensions."""

    section: ClassVar[str] = "surveys"

    audience: str = ""
    scale: str = "1..5"
    dimensions: dict[Identifier, Dimension] = Key(default_factory=dict)
    coverage: str | None = None


class Tile(Strict):
    """One tile of a dashboard: an indicator, a list, a chart, a count or a text."""

    title: str = ""
    indicator: Reference | None = None
    list: Reference | None = None
    count: Reference | None = None
    chart: Literal["bar", "line", "pie"] | None = None
    of: Reference | None = None
    where: Condition | None = None
    by: Identifier | None = None
    per: str | None = None
    measure: Formula | None = None
    tone: str | None = None
    width: int = Key(default=1, ge=1, le=4)


class Dashboard(Named):
    """A start page of tiles for some roles."""

    section: ClassVar[str] = "dashboards"

    for_: Many[Reference] = Key(default=(), alias="for")
    tiles: tuple[Tile, ...] = ()
