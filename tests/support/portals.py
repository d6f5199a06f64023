"""Small portals written inside a test: YAML text in, release and database out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import sqlalchemy as sa

from app.release import Release, compile_release
from app.spec.decode import load_portal
from app.spec.portal import Portal
from app.storage import Database, Models, Stamp, apply_migration, build_models, plan_for
from tests.support.installed import is_empty, ready

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PORTAL = """
portal: {title: Test, regimes: [r]}
"""
REGIME = """
regime: {title: Regime}
"""


def write_files(root: Path, files: Mapping[str, str]) -> Path:
    """Write path -> text below `root`; indented text is dedented. `config/portal.yaml` and the regime `r`
    are added where they are not given."""
    defaults = {"config/portal.yaml": PORTAL, "config/regimes/r/regime.yaml": REGIME}
    for path, text in {**defaults, **files}.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text), encoding="utf-8")
    return root


def portal_from(tmp_path: Path, files: Mapping[str, str]) -> Portal:
    """The portal that these files make; fails with every fault when they are not sound."""
    portal, diagnostics = load_portal(write_files(tmp_path / "root", files))
    faults = [f"{one.span}: {one.code}: {one.message()}" for one in diagnostics if one.severity == "error"]
    assert portal is not None and not faults, "\n".join(faults)
    return portal


def release_from(tmp_path: Path, files: Mapping[str, str], number: int = 0) -> Release:
    """The compiled release that these files make."""
    return compile_release(portal_from(tmp_path, files), number)


def install(database: Database, release: Release) -> Models:
    """Bring the database to the release's tables and map them; whatever would be lost is lost."""
    models, empty_yet = build_models(release), is_empty(database)
    if not ready().take(database, models):
        with database.engine.connect() as connection:
            plan = plan_for(connection, models)
        apply_migration(database.engine, models, plan, NOW, {one.name for one in plan.unsafe})
        if empty_yet:
            ready().keep(database, models)
    return models


def empty(database: Database, models: Models) -> None:
    """Delete every row, and let every id begin anew."""
    with database.writing() as session:
        if database.is_sqlite:
            session.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
            for table in models.metadata.tables.values():
                session.execute(table.delete())
            session.execute(sa.text("DELETE FROM sqlite_sequence"))
        else:
            names = ", ".join(f'"{name}"' for name in models.metadata.tables)
            session.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY"))


def stamp(person_id: int | None = None, at: datetime = NOW) -> Stamp:
    """Who writes in a test, and when."""
    return Stamp(person_id, at)
