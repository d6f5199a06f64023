"""The layout engine's Chinese paragraphs (`-pdf-word-wrap: CJK`), broken by `line_breaking`.

The engine's own breaker forgets `<br>`, cuts Latin words and numbers anywhere and lets lines start with
closing marks; its splitter puts a space between the lines of a paragraph that runs over a page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reportlab.pdfbase.pdfmetrics import getAscentDescent
from xhtml2pdf import reportlab_paragraph as engine

from app.reports.fonts import text_widths
from app.reports.line_breaking import Line, break_text

_OBJECT = "\ufffc"  # an image in the line; lines may break on both sides of it


@dataclass(slots=True)
class _Run:
    """A paragraph as parallel lists: characters, widths in points, fragment of each, no-wrap flags."""

    chars: list[str | None] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    owners: list[Any] = field(default_factory=list)
    glued: list[bool] = field(default_factory=list)

    def add(self, fragment: Any, char: str | None, width: float, glued: bool) -> None:
        self.chars.append(char)
        self.widths.append(width)
        self.owners.append(fragment)
        self.glued.append(glued)


def _text(fragment: Any) -> str:
    text = fragment.text if hasattr(fragment, "text") else "".join(getattr(fragment, "words", ()))
    return text.decode("utf-8") if isinstance(text, bytes) else str(text)


def _measure(fragments: list[Any]) -> _Run:
    run = _Run()
    previous_nowrap = False
    for fragment in fragments:
        nowrap = getattr(fragment, "whiteSpace", "normal") in {"nowrap", "pre"}
        inline = getattr(fragment, "cbDefn", None)
        if hasattr(fragment, "lineBreak"):
            run.add(fragment, None, 0.0, False)
        elif inline is not None:
            width = float(getattr(inline, "width", 0) or 0)
            shown = width and getattr(inline, "kind", "") in {"img", "box"}
            run.add(fragment, _OBJECT if shown else "", width, False)
        elif text := _text(fragment):
            widths = text_widths(text, fragment.fontName, fragment.fontSize)
            for position, (char, width) in enumerate(zip(text, widths, strict=True)):
                run.add(fragment, char, width, nowrap and (position > 0 or previous_nowrap))
        else:
            run.add(fragment, "", 0.0, False)
        previous_nowrap = nowrap
    return run


def _pieces(run: _Run, line: Line) -> list[tuple[Any, str]]:
    """The line as (fragment, text) pairs, in order."""
    pieces: list[tuple[Any, str]] = []
    for index in range(line.start, line.end):
        owner, char = run.owners[index], run.chars[index] or ""
        if char == _OBJECT and hasattr(owner, "cbDefn"):
            char = ""
        if pieces and pieces[-1][0] is owner:
            pieces[-1] = (owner, pieces[-1][1] + char)
        else:
            pieces.append((owner, char))
    return pieces


def _extent(fragment: Any) -> tuple[float, float]:
    """Ascent and descent of a fragment in points; an image's by its own height and alignment."""
    inline: Any = getattr(fragment, "cbDefn", None)
    if getattr(inline, "width", 0) and getattr(inline, "height", 0):
        low, high = engine.imgVRange(inline.height, inline.valign, fragment.fontSize)
        return high, low
    ascent, descent = getAscentDescent(fragment.fontName, fragment.fontSize)
    return ascent, descent


def _word(fragment: Any, text: str) -> Any:
    word = fragment.clone()
    if hasattr(fragment, "cbDefn"):
        word.cbDefn = fragment.cbDefn
    if hasattr(word, "lineBreak"):
        del word.lineBreak
    word.text = text
    return word


def _rich_line(run: _Run, line: Line, room: float) -> Any:
    pieces = _pieces(run, line)
    if not pieces:  # an empty line keeps the height of the text around it
        pieces = [(run.owners[min(line.start, len(run.owners) - 1)], "")]
    extents = [_extent(fragment) for fragment, _ in pieces]
    return engine.FragLine(
        kind=1,
        extraSpace=room - line.width,
        wordCount=1,
        words=[_word(fragment, text) for fragment, text in pieces],
        fontSize=max(fragment.fontSize for fragment, _ in pieces),
        ascent=max(0.0, *(high for high, _ in extents)),
        descent=min(0.0, *(low for _, low in extents)),
        lineBreak=line.forced,
    )


def break_paragraph(self: Any, width: Any) -> Any:
    """Takes the place of the engine's `Paragraph.breakLinesCJK`; same arguments and result shapes."""
    limits = list(width) if isinstance(width, (list, tuple)) else [width]
    style = self.style
    engine._handleBulletWidth(self.bulletText, style, limits, rtl=self.dir == "rtl")
    fragments = self.frags
    if not fragments:
        return engine.ParaLines(
            kind=0,
            fontSize=style.fontSize,
            fontName=style.fontName,
            textColor=style.textColor,
            lines=[],
            ascent=style.fontSize,
            descent=-0.2 * style.fontSize,
        )
    first = fragments[0]
    simple = len(fragments) == 1 and not hasattr(first, "cbDefn") and not hasattr(first, "lineBreak")
    if getattr(self, "_splitpara", 0) and hasattr(self, "blPara"):  # the part before a page break: done
        return first.clone(kind=0, lines=self.blPara.lines) if simple else self.blPara
    run = _measure(fragments)
    lines = break_text(run.chars, run.widths, limits, run.glued)
    room = [limits[min(number, len(limits) - 1)] for number in range(len(lines))]
    if simple:
        text = _text(first)
        plain = [
            (space - line.width, [text[line.start : line.end]])
            for line, space in zip(lines, room, strict=True)
        ]
        return first.clone(kind=0, lines=plain, ascent=first.fontSize, descent=-0.2 * first.fontSize)
    rich = [_rich_line(run, line, space) for line, space in zip(lines, room, strict=True)]
    return engine.ParaLines(kind=1, lines=rich)


def _fragments_between(paragraph_lines: Any, start: int, stop: int) -> list[Any]:
    """Fragments of lines `start`..`stop`, with their line breaks and without added spaces."""
    fragments: list[Any] = []
    for line in paragraph_lines.lines[start:stop]:
        fragments.extend(line.words)
        if line.lineBreak and line.words:
            pause = line.words[-1].clone()
            if hasattr(pause, "cbDefn"):
                del pause.cbDefn
            pause.text, pause.lineBreak = "", 1
            fragments.append(pause)
    return fragments


def split_function(self: Any) -> Callable[[Any, int, int], list[Any]]:
    """Takes the place of the engine's `Paragraph._get_split_blParaFunc`."""
    if self.blPara.kind == 0:
        return engine._split_blParaSimple  # type: ignore[no-any-return]
    if self.style.wordWrap == "CJK":
        return _fragments_between
    return engine._split_blParaHard  # type: ignore[no-any-return]


def install_line_breaking() -> None:
    """Give the engine's paragraphs our line breaking. Idempotent."""
    engine.Paragraph.breakLinesCJK = break_paragraph
    engine.Paragraph._get_split_blParaFunc = split_function
