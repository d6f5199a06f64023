"""Fixtures for every test: databases, and what a test may need of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.storage import Database, open_database
from tests.support.installed import drop_copies
from tests.support.needs import MISSING, skip_or_fail
from tests.support.postgresql import fresh_database, postgresql_server


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A mark says what a test needs."""
    for mark, missing in MISSING.items():
        if item.get_closest_marker(mark) is not None and (reason := missing()):
            skip_or_fail(reason)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[sa.URL]:
    """A running PostgreSQL server, started once for each test process."""
    with postgresql_server() as url:
        yield url
        drop_copies(url)


BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


def _opened(request: pytest.FixtureRequest, instance: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = open_database("", instance)
        yield database
        database.dispose()
        return
    with fresh_database(request.getfixturevalue("postgresql")) as url:
        database = open_database(url, instance)
        yield database
        database.dispose()


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, once on SQLite and once on PostgreSQL."""
    yield from _opened(request, tmp_path / "instance")


@pytest.fixture(params=BOTH, scope="module")
def module_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The same for all tests of a module, which must leave it as they find it or not mind."""
    yield from _opened(request, tmp_path_factory.mktemp("shared") / "instance")


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database, where the choice of database makes no difference."""
    opened = open_database("", tmp_path / "instance")
    yield opened
    opened.dispose()
