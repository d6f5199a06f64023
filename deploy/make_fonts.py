"""Build the print fonts in app/reports/fonts from the full Noto Sans SC (see the README there).

    python deploy/make_fonts.py REGULAR.ttf BOLD.ttf Unihan_OtherMappings.txt app/reports/fonts

Needs fontTools, which the portal itself does not. The same input gives the same glyphs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset

LATIN = (range(0x20, 0x7F), range(0xA0, 0x100), range(0x2010, 0x2028), range(0x2030, 0x203F))
CHINESE_SIGNS = (range(0x3000, 0x3020), range(0xFF01, 0xFF5F), range(0xFFE0, 0xFFE7))
# Signs that the source font lacks are left out of the subset.
SIGNS = "€℃℉№™Ω←↑→↓↖↗↘↙√≈≠≤≥≦≧■□●○◆◇▲△▼▽★☆☐☑☒✓✔✕✗✘㎡㎝㎞㎥㎏㏑㈱①②③④⑤⑥⑦⑧⑨⑩"
DROPPED_TABLES = ["vhea", "vmtx", "VORG", "BASE", "GPOS", "GSUB", "GDEF", "DSIG", "STAT", "meta"]


def gb2312() -> set[int]:
    """All characters of GB/T 2312-1980, ideographs and signs."""
    rows = (*range(0xA1, 0xAA), *range(0xB0, 0xF8))
    decoded = (bytes((row, cell)).decode("gb2312", "ignore") for row in rows for cell in range(0xA1, 0xFF))
    return {ord(char) for char in decoded if char}


def standard_characters(unihan: Path) -> set[int]:
    """The 8,105 characters of the 2013 table of standard characters: field kTGH of the Unihan database."""
    rows = (line.split("\t") for line in unihan.read_text(encoding="utf-8").splitlines())
    found = {int(row[0][2:], 16) for row in rows if len(row) == 3 and row[1] == "kTGH"}
    if len(found) != 8105:
        raise SystemExit(f"{unihan}: {len(found)} rows of kTGH, 8105 expected")
    return found


def build(source: Path, target: Path, characters: set[int]) -> int:
    """Write the subset of `source` and return the number of characters it got."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.notdef_outline = True
    options.drop_tables += DROPPED_TABLES
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    subset.save_font(font, str(target), options)
    return len(font.getBestCmap())


def main(regular: str, bold: str, unihan: str, folder: str) -> None:
    characters = gb2312() | standard_characters(Path(unihan)) | set(map(ord, SIGNS))
    characters.update(code for span in (*LATIN, *CHINESE_SIGNS) for code in span)
    for weight, source in (("Regular", regular), ("Bold", bold)):
        target = Path(folder) / f"NotoSansSC-tgh-{weight}.ttf"
        print(target, build(Path(source), target, characters), "characters", target.stat().st_size, "bytes")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
