"""The language of the command line: gettext catalogues, compiled in memory where only the .po is there."""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from app.source import Translate, untranslated

OWN = Path(__file__).resolve().parents[2] / "translations"
DOMAIN = "messages"


def candidates(asked: str) -> Iterator[str]:
    """The catalogues that may serve a language, best first: zh_CN.UTF-8 -> zh_CN, zh_Hans_CN, zh_Hans, zh."""
    code = asked.partition(".")[0].partition("@")[0].replace("-", "_")
    yield code
    try:
        locale = Locale.parse(get_global("likely_subtags").get(code, code))
    except (UnknownLocaleError, ValueError, TypeError):
        return
    yield str(locale)
    if locale.script:
        yield f"{locale.language}_{locale.script}"
    yield locale.language


def translator(asked: str, root: Path) -> Translate:
    """The words for a language such as `zh_CN.UTF-8`; English where there is no catalogue.

    What the catalogue of the folder `root` does not say is said by ours.
    """
    folders = tuple(dict.fromkeys((root / "translations", OWN)))
    for code in candidates(asked):
        read = (_catalogue(folder / code / "LC_MESSAGES") for folder in folders)
        found = [catalogue for catalogue in read if catalogue is not None]
        for other in found[1:]:
            found[0].add_fallback(other)
        if found:
            return _sayer(found[0])
    return untranslated


def _sayer(catalogue: gettext.GNUTranslations) -> Translate:
    return lambda template: catalogue.gettext(template) if template else template


def _catalogue(folder: Path) -> gettext.GNUTranslations | None:
    compiled, source = folder / f"{DOMAIN}.mo", folder / f"{DOMAIN}.po"
    if compiled.is_file() and not (source.is_file() and source.stat().st_mtime > compiled.stat().st_mtime):
        with compiled.open("rb") as stream:
            return gettext.GNUTranslations(stream)
    if not source.is_file():
        return None
    buffer = io.BytesIO()
    try:
        with source.open("rb") as stream:
            write_mo(buffer, read_po(stream))
    except (PoFileError, UnicodeDecodeError, ValueError):
        return None
    buffer.seek(0)
    return gettext.GNUTranslations(buffer)
