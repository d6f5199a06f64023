"""What a report can reach: nothing but its fonts and its media folder."""

from __future__ import annotations

import base64
import io
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from app.reports import Assets, Photo, ReportFailed, ReportTemplateFault, render_pdf, render_report
from app.reports.engine import install

_OPENED: list[str] = []
_WATCHING = threading.local()


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"open", "socket.connect", "subprocess.Popen"} and getattr(_WATCHING, "on", False):
        _OPENED.append(f"{event} {arguments[0 if event == 'open' else 1]}")


sys.addaudithook(_watch)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Files, connections and programs that this thread opens during the test."""
    install()
    render_pdf("<p>warm</p>")
    _OPENED.clear()
    _WATCHING.on = True
    yield _OPENED
    _WATCHING.on = False


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port on this machine and the connections made to it."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    met: list[object] = []
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, address = server.accept()
            except TimeoutError:
                continue
            met.append(address)
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1], met
    stop.set()
    thread.join()
    server.close()


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A media folder, and a folder beside it with a picture that must stay closed."""
    media, outside = tmp_path / "media", tmp_path / "outside"
    media.mkdir()
    outside.mkdir()
    Image.new("RGB", (40, 40), "red").save(outside / "secret.png")
    Image.new("RGB", (40, 40), "blue").save(media / "mine.png")
    (media / "link.png").symlink_to(outside / "secret.png")
    (media / "folder").symlink_to(outside)
    return media, outside


def svg(inner: str) -> str:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">{inner}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()


PLACES = {
    "img": '<img src="{}"/>',
    "css background": '<style>body{{background-image:url("{}")}}</style><p>x</p>',
    "page background": '<style>@page{{background-image:url("{}")}}</style><p>x</p>',
    "import": '<style>@import url("{}");</style><p>x</p>',
    "stylesheet": '<link rel="stylesheet" href="{}"/><p>x</p>',
    "font": '<style>@font-face{{font-family:f;src:url("{}")}} p{{font-family:f}}</style><p>x</p>',
    "list image": '<ul style="list-style-image:url({})"><li>x</li></ul>',
    "inserted file": '<pdf:insertpdf src="{}"></pdf:insertpdf><p>x</p>',
    "object": '<object data="{0}"></object><iframe src="{0}"></iframe><embed src="{0}"/><p>x</p>',
}
TARGETS = {
    "absolute": "/etc/passwd",
    "file scheme": "file:///etc/passwd",
    "upwards": "../outside/secret.png",
    "absolute picture": "{outside}/secret.png",
    "file picture": "file://{outside}/secret.png",
    "symbolic link": "link.png",
    "linked folder": "folder/secret.png",
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_no_file_outside_the_media_folder(
    place: str, target: str, folders: tuple[Path, Path], opened: list[str]
) -> None:
    """No way of naming a file outside the media folder opens it."""
    media, outside = folders
    try:
        render_pdf(place.format(target.format(outside=outside)), media=media)
    except ReportFailed:
        pass  # refusing the whole report is safe too
    assert not [name for name in opened if "passwd" in name or "secret" in name or "link.png" in name]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_network(place: str, listener: tuple[int, list[object]], opened: list[str]) -> None:
    """No address is fetched, however it is written."""
    port, met = listener
    for url in (f"http://127.0.0.1:{port}/x.png", f"//127.0.0.1:{port}/x.png", f"http://2130706433:{port}/x"):
        try:
            render_pdf(place.format(url))
        except ReportFailed:
            continue
    assert not met
    assert not [name for name in opened if name.startswith("socket")]


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param('<image href="{0}" width="9" height="9"/>', id="image"),
        pytest.param('<image xmlns:x="http://www.w3.org/1999/xlink" x:href="file://{0}"/>', id="xlink"),
        pytest.param('<use href="{0}#a"/>', id="use"),
        pytest.param('<text y="9" font-family="No Such Font">字</text>', id="unknown font"),
    ],
)
def test_drawings_reach_nothing(inner: str, folders: tuple[Path, Path], opened: list[str]) -> None:
    """An SVG neither opens files nor asks the operating system for a font."""
    media, outside = folders
    drawing = svg('<rect width="9" height="9"/>' + inner.format(outside / "secret.png"))
    render_pdf(f'<img src="{drawing}"/>', media=media)
    assert not [name for name in opened if "secret" in name or name.startswith(("subprocess", "socket"))]


def test_external_entities_stay_closed(opened: list[str]) -> None:
    """An SVG cannot include a file through an XML entity."""
    drawing = (
        '<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20">'
        '<rect width="9" height="9"/><text y="9">&e;</text></svg>'
    )
    data = base64.b64encode(drawing.encode()).decode()
    pdf = render_pdf(f'<img src="data:image/svg+xml;base64,{data}"/><p>x</p>')
    assert "root" not in PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()
    assert not [name for name in opened if "passwd" in name]


def test_media_files_are_shown_and_missing_ones_named(folders: tuple[Path, Path]) -> None:
    """Files of the media folder print; what cannot be shown is reported with the result."""
    media, _ = folders
    pdf = render_pdf('<img src="mine.png"/><img src="gone.png"/><img src="link.png"/>', media=media)
    assert len(PdfReader(io.BytesIO(pdf.data)).pages[0].images) == 1
    assert pdf.missing_media == ("gone.png", "link.png")


HOSTILE = [
    '<pdf:insertpdf src="/etc/passwd">',
    "<style>body{color:red}</style>",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "</td></tr></table><pdf:nextpage>",
    "＜pdf:nextpage＞",
    "]]><!-- x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_user_text_is_printed_as_text(text: str) -> None:
    """Mark-up in a record's text, a label or a caption is shown, never obeyed."""
    source = (
        '{% import "macros.html" as m %}<p>{{ text }}</p><p>{{ text|lines }}</p>'
        '{{ m.meta_table([(text, text)]) }}{{ m.table([text], [[text]]) }}{{ photos("p") }}'
        "{{ m.title_block(text, text) }}{{ m.reasons(text, [(text, text)]) }}{{ signature_box(text) }}"
    )
    html = render_report(
        source, {"text": text}, title=text, assets=Assets(photos={"p": [Photo("a.jpg", text)]})
    )
    pdf = render_pdf(html)
    shown = PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()
    assert pdf.pages == 1
    assert text.replace(" ", "") in "".join(shown.split())


ESCAPES = {
    "classes": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "attr filter": "{{ ''|attr('__class__') }}",
    "globals of a function": "{{ photo.__globals__ }}",
    "format string": "{{ '{0.__class__}'.format(1) }}",
    "format map": "{{ '{x.__class__}'.format_map({'x': 1}) }}",
    "format operator": "{{ '%999999999d' % 1 }}",
    "safe filter": "{{ text|safe }}",
    "no escaping": "{% autoescape false %}{{ text }}{% endautoescape %}",
    "change of a list": "{{ rows.append(1) }}",
    "change of a mapping": "{{ data.update(a=1) }}",
    "long text": "{{ 'a' * 999999999 }}",
    "long list": "{{ [1] * 999999999 }}",
    "long list turned round": "{{ 999999999 * [1] }}",
    "power": "{{ 9 ** 999999999 }}",
    "range": "{% for x in range(999999999) %}{% endfor %}",
    "padding": "{{ 'a'.ljust(999999999) }}",
    "replace by method": "{{ 'aaaa'.replace('a', 'b') }}",
    "file above": "{% include '../report.css' %}",
    "absolute file": "{% include '/etc/passwd' %}",
    "environment": "{{ self.__init__.__globals__ }}",
    "lipsum": "{{ lipsum.__globals__ }}",
    "cycler": "{{ cycler.__init__ }}",
    "endless html": "{% for a in range(9999) %}{% for b in range(999) %}xxxxxxxxxxxx{% endfor %}{% endfor %}",
}


@pytest.mark.parametrize("source", ESCAPES.values(), ids=ESCAPES)
def test_templates_cannot_escape(source: str) -> None:
    """Each known way out of the sandbox ends in a fault that names the template's line."""
    with pytest.raises(ReportTemplateFault) as caught:
        render_report("<p>\n" + source, {"text": "<b>", "rows": [1], "data": {}}, name="regime/evil.html")
    assert caught.value.span.file == "regime/evil.html"
    if "xxxx" not in source:
        assert caught.value.span.line == 2


@pytest.mark.parametrize(
    ("html", "words"),
    [
        pytest.param("<div style='page-break-inside:avoid'>" * 300 + "x", None, id="deep nesting"),
        pytest.param('<pdf:grid key="none"></pdf:grid>', "no grid named 'none'", id="unknown grid"),
        pytest.param(f'<img width="9" height="0" src="{svg("")}"/>', None, id="drawing without size"),
        pytest.param("<style>p{color:rgb(;}</style><p>x</p>", None, id="broken CSS"),
        pytest.param("<pdf:nexttemplate name='none'></pdf:nexttemplate><pdf:nextpage></pdf:nextpage>x",
                     "none", id="unknown page template"),
        pytest.param("", None, id="nothing"),
    ],
)  # fmt: skip
def test_bad_mark_up_ends_in_words(html: str, words: str | None) -> None:
    """Whatever the engine thinks of a document, the caller gets a PDF or a ReportFailed with words."""
    try:
        assert render_pdf(html).data.startswith(b"%PDF")
    except ReportFailed as failure:
        assert str(failure)
        assert words is None or words in str(failure)
    else:
        assert words is None


def test_a_slow_report_is_stopped() -> None:
    """The time limit ends a render with words for the user."""
    rows = "<tr><td>x</td><td>y</td></tr>" * 4000
    with pytest.raises(ReportFailed, match=r"0\.2 seconds"):
        render_pdf(f"<table>{rows}</table>", seconds=0.2)


def test_failures_translate() -> None:
    """The words and their parameters are apart, so that they can be said in another language."""
    with pytest.raises(ReportFailed) as caught:
        render_pdf('<pdf:grid key="none"></pdf:grid>')
    assert caught.value.message(lambda text: "错误：{detail}") == "错误：no grid named 'none'"
