"""The catalogues that the portal ships, and the commands that keep them."""

from __future__ import annotations

import re
from pathlib import Path

import flask_admin
import flask_appbuilder
import pytest
from babel.messages.catalog import Catalog, Message
from babel.support import Translations
from click.testing import CliRunner, Result

from app.cli import cli
from app.commands.languages import translator
from app.commands.sentences import BORROWED, code_messages, labels, marked
from app.commands.translate import (
    catalogue_path,
    domains_of,
    missing,
    mo_bytes,
    po_bytes,
    read_catalogue,
    template_of,
)
from app.source import N_
from tests.support.configurations import BAD
from tests.support.portals import portal_from, write_files

ROOT = Path(__file__).parents[3]
SHIPPED = tuple((language, domain) for language in ("zh_Hans", "en") for domain in domains_of(language))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\{|\}\}|\{[^{}]*\}")
CHINESE = re.compile(r"[\u3400-\u9fff]")
QUOTED = re.compile(r"“[^”]*”|`[^`]*`|'[^']*'|\"[^\"]*\"")
SENTENCE = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){2,}")
"""Three words in a row that stand outside of quotes were forgotten."""
SIGNS = frozenset({" or ", ", ", "; "})
"""What parts words is translated too, and need not hold a letter."""

FILES = {
    "config/portal.yaml": """
        portal: {title: 试验门户, languages: [zh_Hans, en], regimes: [r]}
    """,
    "config/regimes/r/records.yaml": """
        choices: {mood: {options: {good: 好, bad: {title: 坏, help: 不好}}}}
        records:
          visit:
            title: 拜访
            note: 不译
            fields:
              mood: {type: choice, title: 心情, options: mood}
              length: {type: integer, title: 长度, unit: 厘米}
    """,
}


def shipped(language: str, domain: str) -> Catalog:
    return read_catalogue(catalogue_path(ROOT, language, domain), language)


def forms(message: Message) -> list[tuple[str, str]]:
    """(sentence, its translation) of each plural form; the forms of the translation stand for the plural."""
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    said = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return [(ids[-1], text) for text in said]


def pairs(language: str, domain: str) -> list[tuple[str, str]]:
    return [pair for message in shipped(language, domain) if message.id for pair in forms(message)]


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--root", str(root), *arguments])


@pytest.mark.parametrize(("language", "domain"), SHIPPED)
def test_every_message_has_words(language: str, domain: str) -> None:
    """A shipped catalogue leaves nothing empty and nothing to be looked at again."""
    catalog = shipped(language, domain)
    assert len(catalog) > 30
    assert [message.id for message in missing(catalog)] == []


@pytest.mark.parametrize(("language", "domain"), SHIPPED)
def test_placeholders_are_kept(language: str, domain: str) -> None:
    """A translation fills in what the sentence fills in, each as often."""
    wrong = [
        (text, said)
        for text, said in pairs(language, domain)
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(said))
    ]
    assert wrong == []


@pytest.mark.parametrize(("language", "domain"), SHIPPED)
def test_the_compiled_catalogue_is_the_written_one(language: str, domain: str) -> None:
    """The .mo file beside a .po file was made from it, and the .po file is written as `extract` writes it."""
    path = catalogue_path(ROOT, language, domain)
    catalog = shipped(language, domain)
    assert path.with_suffix(".mo").read_bytes() == mo_bytes(catalog)
    assert path.read_bytes() == po_bytes(catalog)


def test_english_labels_are_english() -> None:
    """No Chinese character is left in what an English reader sees."""
    assert [said for _text, said in pairs("en", "messages") if CHINESE.search(said)] == []


@pytest.mark.parametrize("domain", domains_of("zh_Hans"))
def test_chinese_sentences_are_chinese(domain: str) -> None:
    """Every sentence of the code has Chinese words; Latin ones only where the sentence itself has them."""
    wrong = []
    for text, said in pairs("zh_Hans", domain):
        bare = QUOTED.sub("", PLACEHOLDER.sub("", said))
        names = set(re.findall(r"[A-Za-z_]{3,}", said)) - set(re.findall(r"[A-Za-z_]{3,}", text))
        if text not in SIGNS and not CHINESE.search(said) and re.search(r"[A-Za-z]", text):
            wrong.append((text, said))
        elif names or SENTENCE.search(bare):
            wrong.append((text, said))
    assert [one for one in wrong if PLACEHOLDER.sub("", one[0]).strip(" :(),.")] == []


def test_chinese_has_one_plural_form() -> None:
    """A sentence with a number has one form in Chinese."""
    catalog = shipped("zh_Hans", "messages")
    plural = [message for message in catalog if isinstance(message.id, tuple)]
    assert catalog.num_plurals == 1
    assert plural and all(len(message.string) == 1 for message in plural)


def test_the_shipped_catalogues_are_up_to_date() -> None:
    """`translate check` is content with the code and the configuration as they are."""
    result = run(ROOT, "translate", "check")
    assert result.exit_code == 0, result.output


def test_check_lists_what_has_no_words(tmp_path: Path) -> None:
    """Before `extract` and before anything is translated, `check` fails and says what is missing where."""
    root = write_files(tmp_path, FILES)
    assert run(root, "translate", "check").exit_code == 1
    assert run(root, "translate", "extract").exit_code == 0
    result = run(root, "translate", "check")
    assert result.exit_code == 1
    assert "config/regimes/r/records.yaml: error[TRA001]: en: no words for '心情'" in result.output
    assert "out of step" not in result.output


def test_check_is_content_when_all_is_said(tmp_path: Path) -> None:
    """A filled catalogue passes; a compiled one that is older than its source does not."""
    files = {**FILES, "config/portal.yaml": FILES["config/portal.yaml"].replace("en]", "en, de]")}
    root = write_files(tmp_path, files)
    run(root, "translate", "extract")
    for path in (root / "translations").rglob("*.po"):
        catalog = read_catalogue(path, path.parts[-3])
        for message in catalog:
            if message.id:
                message.string = "x" if isinstance(message.id, str) else ("x",) * catalog.num_plurals
        path.write_bytes(po_bytes(catalog))
    stale = run(root, "translate", "check")
    assert stale.exit_code == 1
    assert "translations/en/LC_MESSAGES/messages.po: out of step" in stale.output
    run(root, "translate", "extract")
    result = run(root, "translate", "check")
    assert (result.exit_code, result.output) == (0, "")


def test_extract_keeps_words_and_drops_what_is_gone(tmp_path: Path) -> None:
    """A label that is no longer declared leaves the catalogue; the others keep their words."""
    root = write_files(tmp_path, FILES)
    run(root, "translate", "extract")
    path = catalogue_path(root, "en")
    catalog = read_catalogue(path, "en")
    catalog["心情"].string, catalog["厘米"].string = "Mood", "cm"
    path.write_bytes(po_bytes(catalog))
    records = root / "config/regimes/r/records.yaml"
    records.write_text(records.read_text(encoding="utf-8").replace("厘米", "毫米"), encoding="utf-8")
    run(root, "translate", "extract")
    again = read_catalogue(path, "en")
    assert again["心情"].string == "Mood"
    assert "厘米" not in again and again["毫米"].string == ""


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param('_("one")', ["one"], id="plain"),
        pytest.param("x = f\"{_('two')}: {y}\"", ["two"], id="inside an f-string"),
        pytest.param('N_("a " "b")', ["a b"], id="in two parts"),
        pytest.param('babel.gettext("c", n=1)', ["c"], id="by its module"),
        pytest.param('ngettext("%(num)s d", "%(num)s ds", n)', [("%(num)s d", "%(num)s ds")], id="plural"),
        pytest.param('_(text), N_(f"{x}"), print("no")', [], id="no sentence"),
    ],
)
def test_marked_sentences_are_found(source: str, found: list[object]) -> None:
    """Marks are found wherever they stand in a module."""
    assert [words for _line, words in marked(source)] == found


def test_sentences_of_templates_and_modules_are_found() -> None:
    """Page templates and Python modules both give their sentences, with their file."""
    found = {(file, words) for file, _line, words in code_messages()}
    assert ("app/web/templates/layout/base.html", "Sign out") in found
    assert ("app/source/diagnostics.py", N_("did you mean '{guess}'?")) in found


def test_labels_are_found(tmp_path: Path) -> None:
    """Titles, help, options and units of the YAML are labels, as are built-in ones; notes are not."""
    found = {text for _file, _line, text in labels(portal_from(tmp_path, FILES))}
    assert {"试验门户", "拜访", "心情", "厘米", "好", "坏", "不好", "处罚", "编号", "创建人"} <= found
    assert "不译" not in found


def test_each_language_translates_what_is_foreign_to_it(tmp_path: Path) -> None:
    """English needs the labels, the labels' language the sentences, a third language both."""
    portal = portal_from(tmp_path, FILES)
    label, sentence = "心情", "did you mean '{guess}'?"
    for language, wanted in (("en", {label}), ("zh_Hans", {sentence}), ("de", {label, sentence})):
        template = template_of(portal, language)
        assert {one for one in (label, sentence) if one in template} == wanted


def test_a_folder_of_its_own_translates_only_its_labels(tmp_path: Path) -> None:
    """What the program says in a language already is not asked for again; labels of the folder are."""
    files = {**FILES, "config/portal.yaml": FILES["config/portal.yaml"].replace("en]", "en, de]")}
    root = write_files(tmp_path, files)
    run(root, "translate", "extract")
    words = {language: read_catalogue(catalogue_path(root, language), language) for language in ("en", "de")}
    assert {"拜访", "厘米"} <= {message.id for message in words["en"]}
    assert "上级单位" not in words["en"] and "上级单位" in words["de"]
    assert "did you mean '{guess}'?" in words["de"]
    assert not catalogue_path(root, "zh_Hans").exists()
    assert catalogue_path(root, "de", "admin").exists()


def test_what_a_folder_does_not_say_we_say(tmp_path: Path) -> None:
    """The command line takes the folder's words first and the program's for all others."""
    path = catalogue_path(tmp_path, "zh_Hans")
    path.parent.mkdir(parents=True)
    catalog = Catalog("zh_Hans")
    catalog.add("error", "故障")
    path.write_bytes(po_bytes(catalog))
    say = translator("zh_CN", tmp_path)
    assert (say("error"), say("warning"), say("")) == ("故障", "警告", "")


def test_a_folder_may_say_our_words_in_its_own_way(tmp_path: Path) -> None:
    """A sentence of the program that a folder has put into words of its own outlives `extract`."""
    root = write_files(tmp_path, FILES)
    path = catalogue_path(root, "zh_Hans")
    path.parent.mkdir(parents=True)
    catalog = Catalog("zh_Hans")
    catalog.add("error", "故障")
    path.write_bytes(po_bytes(catalog))
    run(root, "translate", "extract")
    assert [(one.id, one.string) for one in read_catalogue(path, "zh_Hans") if one.id] == [("error", "故障")]


@pytest.mark.parametrize(
    ("domain", "library"),
    [("admin", flask_admin), ("messages", flask_appbuilder)],
    ids=["Flask-Admin", "Flask-AppBuilder"],
)
def test_borrowed_sentences_are_still_said(domain: str, library: object) -> None:
    """Each borrowed sentence occurs in the library that says it, word for word."""
    folder = Path(str(library.__file__)).parent  # type: ignore[attr-defined]
    files = [path for kind in ("*.py", "*.html") for path in folder.rglob(kind)]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [one for one in BORROWED[domain] if f'"{one}"' not in text and f"'{one}'" not in text] == []


def test_the_console_finds_its_words() -> None:
    """Flask-Admin looks for a domain of its own in our folder, by the portal's code of the language."""
    words = Translations.load(str(ROOT / "translations"), ["zh_Hans"], "admin")
    assert words.gettext("With selected") == "对所选记录"


@pytest.mark.parametrize("asked", ["zh", "zh_CN.UTF-8", "zh-Hans", "zh_Hans"])
def test_the_command_line_speaks_chinese(asked: str) -> None:
    """Any of the names of simplified Chinese gives the shipped catalogue."""
    assert translator(asked, ROOT)("did you mean '{guess}'?") == "是否想写“{guess}”？"


def test_check_speaks_chinese_with_its_hints() -> None:
    """Faults and hints of a faulty configuration are said in the language that is asked for."""
    case = next(BAD.glob("REF003_*"))
    output = run(case, "--lang", "zh", "check").output
    assert "错误[REF003]" in output and "没有字段" in output
    assert "提示: 是否想写" in output
