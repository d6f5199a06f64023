"""What a test may need of the machine. Without it the test is skipped with the reason, or fails where
`REQUIRE_ALL_TESTS=1` says that nothing may be left out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.support.postgresql import find_postgresql


def _postgresql() -> str:
    return "" if find_postgresql() else "no PostgreSQL: set TEST_POSTGRESQL_URL or install initdb"


def _node() -> str:
    return "" if shutil.which("node") else "no node on the path"


def _browser() -> str:
    if find_spec("playwright") is None:
        return "no playwright"
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    root = Path(folder) if folder not in ("", "0") else Path.home() / ".cache" / "ms-playwright"
    found = next(root.glob("chromium*"), None) if root.is_dir() else None
    return "" if found or shutil.which("chromium") else f"no Chromium in {root}"


MISSING: Mapping[str, Callable[[], str]] = MappingProxyType(
    {"postgresql": _postgresql, "node": _node, "browser": _browser}
)
"""Mark -> what is missing for it, or an empty text."""


def skip_or_fail(reason: str) -> None:
    """Leave the test out, or fail where every test is required."""
    if os.environ.get("REQUIRE_ALL_TESTS") == "1":
        pytest.fail(f"required, but {reason}", pytrace=False)
    pytest.skip(reason)
