"""`python run.py translate extract|check`: the message catalogues under `translations/`.

English sentences of the code and the templates are translated into every language of the portal; labels of
the YAML, written in the portal's first language, into every other one. Each language has one catalogue.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.commands.languages import OWN
from app.commands.sentences import BORROWED, Words, code_messages, labels
from app.source import ConfigError
from app.spec.decode import load_portal
from app.spec.portal import Portal

DOMAINS = tuple(BORROWED)
"""Catalogues of a language: our own words, and the words of Flask-Admin that our console shows."""


def domains_of(language: str) -> tuple[str, ...]:
    """The catalogues that a language has; English, the language of the code, needs only the labels' one."""
    return DOMAINS if language != "en" else DOMAINS[:1]


def template_of(
    portal: Portal, language: str, domain: str = "messages", said: frozenset[Words] = frozenset()
) -> Catalog:
    """Every message that `language` should translate: sentences of the code unless it is English, labels
    unless it is the language that they are written in. Of our own words those in `said` are left out."""
    catalog = Catalog(fuzzy=False, header_comment="# Ducha")
    if language != "en":
        sentences = code_messages() if domain == "messages" else ()
        ours: list[tuple[str, Words]] = [("", text) for text in BORROWED[domain]]
        for file, message in (*ours, *((file, message) for file, _line, message in sentences)):
            if message not in said:
                catalog.add(message, locations=[(file, 1)] if file else ())
    if domain == "messages" and language != portal.settings.languages[0]:
        for file, line, text in labels(portal):
            if text not in said or not file.startswith("<kernel>"):
                catalog.add(text, locations=[(file, line)])
    return catalog


def said_by_us(root: Path, language: str, domain: str) -> frozenset[Words]:
    """What the program's own catalogue has words for, so that another folder's need not say it again."""
    ours = catalogue_path(OWN.parent, language, domain)
    if ours.resolve() == catalogue_path(root, language, domain).resolve():
        return frozenset()
    return _said_in(read_catalogue(ours, language))


def _said_in(catalog: Catalog) -> frozenset[Words]:
    said = (message.id for message in catalog if message.id and _said(message))
    return frozenset(one if isinstance(one, str) else tuple(one) for one in said)


def catalogue_path(root: Path, language: str, domain: str = "messages") -> Path:
    return root / "translations" / language / "LC_MESSAGES" / f"{domain}.po"


def read_catalogue(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=path.stem)


def merged(portal: Portal, root: Path, language: str, domain: str = "messages") -> Catalog:
    """The stored catalogue brought up to date: what is gone is dropped, what is new stands empty.

    A folder may say our words in its own way: what it has put into words stays.
    """
    catalog = read_catalogue(catalogue_path(root, language, domain), language)
    said = said_by_us(root, language, domain) - _said_in(catalog)
    catalog.update(template_of(portal, language, domain, said), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    for message in catalog:
        message.locations = sorted({(file, 0) for file, _line in message.locations})
    return catalog


def missing(catalog: Catalog) -> list[Message]:
    """Messages without a translation, or with one not yet looked at."""
    return [m for m in catalog if m.id and (not _said(m) or m.fuzzy)]


def _said(message: Message) -> bool:
    if isinstance(message.string, (tuple, list)):
        return all(message.string)
    return bool(message.string)


class _Timeless(Catalog):
    """A catalogue whose head says only what readers need: no times and no versions that would change by
    themselves."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The head's lines."""
        return [
            ("Language", str(self.locale)),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Plural-Forms", self.plural_forms),
        ]


def _timeless(catalog: Catalog) -> Catalog:
    copy = _Timeless(catalog.locale, fuzzy=False, header_comment="")
    for message in catalog:
        if message.id:
            copy[message.id] = message
    return copy


def po_bytes(catalog: Catalog) -> bytes:
    """The .po file; the same messages give the same bytes."""
    buffer = io.BytesIO()
    write_po(
        buffer,
        _timeless(catalog),
        width=110,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    return buffer.getvalue().lstrip()


def mo_bytes(catalog: Catalog) -> bytes:
    """The compiled file; the same messages give the same bytes."""
    buffer = io.BytesIO()
    write_mo(buffer, _timeless(catalog))
    return buffer.getvalue()


def _portal(root: Path) -> Portal:
    portal, faults = load_portal(root)
    if portal is None:
        raise ConfigError(found for found in faults if found.severity == "error")
    return portal


@click.group("translate")
def translate() -> None:
    """Catalogues of the portal's words and of the YAML's labels."""


@translate.command("extract")
@click.pass_obj
def extract(settings: object) -> None:
    """Bring the catalogues up to date with the code and the YAML; new messages stand empty."""
    root = root_of(settings)
    for language, path, catalog in _catalogues(root):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_bytes(catalog))
        path.with_suffix(".mo").write_bytes(mo_bytes(read_catalogue(path, language)))
        click.echo(
            f"{path.relative_to(root)}: {len(catalog)} messages, {len(missing(catalog))} without words"
        )


@translate.command("check")
@click.pass_obj
def check(settings: object) -> None:
    """Exit 1 when a catalogue is out of step or a message has no words yet."""
    root = root_of(settings)
    sound = True
    for language, path, catalog in _catalogues(root):
        for message in missing(catalog):
            sound = False
            where = message.locations[0][0] if message.locations else path.name
            click.echo(f"{where}: error[TRA001]: {language}: no words for {message.id!r}")
        if _out_of_step(path, language, catalog):
            sound = False
            click.echo(f"{path.relative_to(root)}: out of step; run: python run.py translate extract")
    if not sound:
        raise click.exceptions.Exit(1)


def _catalogues(root: Path) -> Iterator[tuple[str, Path, Catalog]]:
    """(language, path, catalogue brought up to date) of each catalogue that the portal needs."""
    portal = _portal(root)
    for language in portal.settings.languages:
        for domain in domains_of(language):
            path = catalogue_path(root, language, domain)
            catalog = merged(portal, root, language, domain)
            if len(catalog) or path.exists():
                yield language, path, catalog


def _out_of_step(path: Path, language: str, catalog: Catalog) -> bool:
    compiled = path.with_suffix(".mo")
    if not path.exists() or not compiled.exists():
        return True
    fresh = mo_bytes(read_catalogue(path, language))
    return po_bytes(catalog) != path.read_bytes() or compiled.read_bytes() != fresh


def root_of(settings: object) -> Path:
    """The configuration root that `--root` named."""
    root = getattr(settings, "root", None)
    if not isinstance(root, Path):
        raise TypeError("the command was called without its settings")
    return root


COMMANDS: tuple[click.Command, ...] = (translate,)
