"""The SQL reader: a checked expression as a SQLAlchemy column expression, for SQLite and PostgreSQL.

Call `prepare_sqlite` on every new SQLite connection; keep decimals in `ScaledNumber` columns and
durations in `ElapsedTime` columns, then both databases compute exactly what Python computes.
"""

from app.expressions.sql.binding import Binder as Binder
from app.expressions.sql.binding import Rows as Rows
from app.expressions.sql.columns import ElapsedTime as ElapsedTime
from app.expressions.sql.columns import ScaledNumber as ScaledNumber
from app.expressions.sql.reader import lookup_to_sql as lookup_to_sql
from app.expressions.sql.reader import to_sql as to_sql
from app.expressions.sql.sqlite import prepare_sqlite as prepare_sqlite
