"""The print fonts: Noto Sans SC, Regular and Bold, subset to the standard characters (fonts/README.md)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfmetrics import getFont, registerFont
from reportlab.pdfbase.ttfonts import TTFont
from svglib.fonts import get_global_font_map
from xhtml2pdf import default

REGULAR = "NotoSansSC"
BOLD = "NotoSansSC-Bold"
ASCENT = 0.88
"""Height of a Chinese character above the base line, in parts of the font size."""

FONT_FOLDER = Path(__file__).parent / "fonts"
_FILES = {REGULAR: "NotoSansSC-tgh-Regular.ttf", BOLD: "NotoSansSC-tgh-Bold.ttf"}
_LOOK_ALIKES = {
    "☐": "□", "☑": "√", "☒": "×", "✔": "√", "✘": "×", "✗": "×", "✕": "×", "✅": "√", "❌": "×",
    "⭕": "○", "❗": "！", "❓": "？", "‣": "•", "☎": "电话", "℧": "Ω",
}  # fmt: skip
_NUMERIC_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,6})|([0-9]{1,7}));?")


def register_fonts() -> None:
    """Register both fonts with the layout engine and draw every CSS and SVG family with them.

    Raises TTFError when a font file is damaged. Call once per process (see `engine.install`).
    """
    for name, file in _FILES.items():
        registerFont(TTFont(name, str(FONT_FOLDER / file)))
    for bold in (0, 1):
        for italic in (0, 1):
            addMapping(REGULAR, bold, italic, BOLD if bold else REGULAR)
    # List bullets and table cells name a base-14 font in the engine's code, which would not be embedded.
    for name in pdfmetrics.standardFonts:
        pdfmetrics._fonts[name] = getFont(BOLD if "Bold" in name else REGULAR)
    for family in (*default.DEFAULT_FONT, REGULAR.lower(), "noto sans sc"):
        default.DEFAULT_FONT[family] = REGULAR
    rl_config.canvas_basefontname = REGULAR
    # An unknown family in an SVG would otherwise be asked of the operating system by a subprocess.
    get_global_font_map().find_font = _svg_font


def _svg_font(family: str, weight: object = "normal", style: str = "normal") -> tuple[str, bool]:
    heavy = str(weight) in {"bold", "bolder", "600", "700", "800", "900"}
    return (BOLD if heavy else REGULAR), True


def text_widths(text: str, font: str, size: float) -> list[float]:
    """Width of each character of `text` in points."""
    face: Any = getFont(font).face
    widths: Mapping[int, float] = face.charWidths
    default_width: float = face.defaultWidth
    scale = size * 0.001
    return [widths.get(ord(char), default_width) * scale for char in text]


def _has_glyph(char: str) -> bool:
    return ord(char) in getFont(REGULAR).face.charToGlyph


@lru_cache(maxsize=4096)
def _substitute(char: str) -> str:
    """What is printed for a character that the fonts lack: a look-alike, nothing, or the character itself."""
    if char in _LOOK_ALIKES:
        return _LOOK_ALIKES[char]
    if unicodedata.category(char) in {"Cf", "Cc", "Mn", "Cs"}:
        return ""
    plain = unicodedata.normalize("NFKC", char).replace("\n", " ")
    # A compatibility form of "<" or "&" must not become mark-up.
    if plain == char or set(plain) & set("<>&\"'") or not all(map(_has_glyph, plain)):
        return char
    return f"({plain})" if unicodedata.category(char) == "No" and plain.isdigit() else plain


def printable(text: str) -> str:
    """`text` with characters that the fonts lack replaced by their nearest equivalents (☑ by √, ⑫ by (12)).

    Safe for HTML: no replacement is mark-up. Control characters go, tabs and line breaks stay.
    """
    table = {
        ord(char): _substitute(char) for char in set(text) if char not in "\t\n\r" and not _has_glyph(char)
    }
    return text.translate(table) if table else text


def printable_html(html: str) -> str:
    """The same for HTML, with numeric references such as `&#9745;` to characters that the fonts lack."""

    def resolve(found: re.Match[str]) -> str:
        code = int(found[1], 16) if found[1] else int(found[2])
        in_range = 0xA1 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF
        return chr(code) if in_range else found[0]

    return printable(_NUMERIC_REFERENCE.sub(resolve, html))


def missing_characters(texts: str | Sequence[str]) -> str:
    """The characters of `texts` that would print as an empty box, each once, in code order."""
    used = set(texts if isinstance(texts, str) else "".join(texts))
    lacking = {char for char in used if not char.isspace() and not _has_glyph(char)}
    return "".join(sorted(char for char in lacking if unicodedata.category(char) not in {"Cc", "Cf"}))
