"""Column types that keep numbers and times exact in SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.expressions import exact

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    return exact.microseconds(moment - _EPOCH)


def instant_from_microseconds(count: int) -> datetime | None:
    """The UTC moment; None outside the years 1 to 9999."""
    return exact.instant_shift(_EPOCH, timedelta(microseconds=count))


class ScaledNumber(TypeDecorator[Decimal]):
    """A decimal with a fixed number of `places`: NUMERIC, and in SQLite the integer value x 10^places.

    SQLite has no decimals: as integers the values stay exact, and compare, sort, sum and index natively.
    A value with more places than the column keeps is refused with ValueError.
    """

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, places: int, precision: int = 18) -> None:
        super().__init__(precision, places)
        self.places = places
        self.precision = precision

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.Numeric(self.precision, self.places))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(scaled) if dialect.name == "sqlite" else Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(value).scaleb(-self.places) if dialect.name == "sqlite" else Decimal(value)


class ElapsedTime(TypeDecorator[timedelta]):
    """A duration as a whole number of microseconds."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else exact.microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=int(value))


class ExactNumber(TypeDecorator[Decimal]):
    """The result of a calculation: NUMERIC, and in SQLite the number's digits as text."""

    impl = sa.Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.Numeric())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return exact.written(value) if dialect.name == "sqlite" else Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Instant(TypeDecorator[datetime]):
    """A computed moment: TIMESTAMP WITH TIME ZONE, and in SQLite microseconds since 1970."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            sa.BigInteger() if dialect.name == "sqlite" else sa.DateTime(timezone=True)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return instant_to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return instant_from_microseconds(value) if dialect.name == "sqlite" else value.astimezone(UTC)
