"""Every code has a configuration that shows it, the words it is told in, and a page that explains it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.commands.check import read_folder
from app.commands.show import as_text
from app.source import untranslated
from tests.support.configurations import BAD, bad_case, bad_cases, documented, write_block

APP = Path(__file__).parents[3] / "app"
_CODE = re.compile(r'"([A-Z]{3,4}\d{3})"')


def codes_of_the_program() -> set[str]:
    """Every code that stands in the source."""
    return {code for path in APP.rglob("*.py") for code in _CODE.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", bad_cases())
def test_a_bad_configuration_is_told_in_these_words(name: str, tmp_path: Path) -> None:
    """The whole text of `check`, with places, hints, lines and carets."""
    checked = read_folder(bad_case(name, tmp_path))
    told = as_text(checked.diagnostics, checked.examples, checked.sources, untranslated)
    assert told + "\n" == (BAD / name / "expected.txt").read_text(encoding="utf-8")
    assert name.partition("_")[0] in {found.code for found in checked.diagnostics}


def test_every_code_has_a_configuration() -> None:
    """And no folder is left of a code that is gone."""
    assert {name.partition("_")[0] for name in bad_cases()} == codes_of_the_program()


def test_every_code_has_a_heading() -> None:
    """And no heading is left of a code that is gone."""
    assert set(documented()) == codes_of_the_program()


@pytest.mark.parametrize("code", sorted(documented()))
def test_the_documentation_says_the_truth(code: str, tmp_path: Path) -> None:
    """Its bad example has the fault, its good example is sound."""
    blocks = documented()[code]
    if "Bad" in blocks:
        bad = read_folder(write_block(blocks["Bad"], tmp_path / "bad"))
        assert code in {found.code for found in bad.diagnostics}
    good = read_folder(write_block(blocks["Good"], tmp_path / "good"))
    assert [str(found) for found in good.diagnostics if found.severity == "error"] == []
    assert code not in {found.code for found in good.diagnostics}
