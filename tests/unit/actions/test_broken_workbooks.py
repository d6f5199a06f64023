"""A spreadsheet that is broken, or made to do harm, is refused in words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import pytest
from openpyxl import Workbook

from app.actions.tuning_book import read_tuning_book
from app.actions.workbooks import LARGEST_UNPACKED, MOST_COLUMNS, ImportRefused, sheet_rows

Parts = dict[str, bytes]
SHEET = "xl/worksheets/sheet1.xml"


def parts() -> Parts:
    """The parts of a small tuning table."""
    book = Workbook()
    assert book.active is not None
    book.active.append(["path", "value", "value when downloaded"])
    book.active.append(["config/portal.yaml#portal.title", 5, 4])
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(found: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return stream.getvalue()


def without(name: str) -> Callable[[Parts], bytes]:
    return lambda found: packed({key: data for key, data in found.items() if key != name})


def instead(name: str, old: bytes, new: bytes) -> Callable[[Parts], bytes]:
    def make(found: Parts) -> bytes:
        assert old in found[name]
        return packed({**found, name: found[name].replace(old, new)})

    return make


def damaged(found: Parts) -> bytes:
    """A part whose packed bytes are not what was packed."""
    data = bytearray(packed(found))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo(SHEET)
    start = info.header_offset + 30 + len(info.filename)
    data[start : start + 20] = b"\xff" * 20
    return bytes(data)


BROKEN: Mapping[str, Callable[[Parts], bytes]] = {
    "no zip": lambda _found: b"path,value\n",
    "nothing": lambda _found: b"",
    "half a zip": lambda found: packed(found)[:900],
    "bytes damaged": damaged,
    "no list of parts": without("[Content_Types].xml"),
    "no workbook": without("xl/workbook.xml"),
    "no sheet": without(SHEET),
    "sheet of no XML": instead(SHEET, b"<", b"&"),
    "sheet cut off": lambda found: packed({**found, SHEET: found[SHEET][:-40]}),
    "workbook cut off": lambda found: packed({**found, "xl/workbook.xml": found["xl/workbook.xml"][:-40]}),
    "styles of no XML": lambda found: packed({**found, "xl/styles.xml": b""}),
    "number that is none": instead(SHEET, b"<v>5</v>", b"<v>five</v>"),
}


@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused_in_words(make: Callable[[Parts], bytes]) -> None:
    """Whatever is wrong with it, its sender is told that it is no spreadsheet."""
    with pytest.raises(ImportRefused):
        read_tuning_book(make(parts()))


def test_a_sound_one_is_read() -> None:
    """The same file without damage."""
    (sent,) = read_tuning_book(packed(parts()))
    assert (sent.path, sent.value) == ("config/portal.yaml#portal.title", "5")


def test_a_bomb_is_not_unpacked() -> None:
    """Some kilobytes that would become hundreds of megabytes."""
    stream = io.BytesIO(packed(parts()))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("xl/media/filler.bin", "w") as part:
            for _ in range(LARGEST_UNPACKED // (1 << 20) + 1):
                part.write(bytes(1 << 20))
    assert len(stream.getvalue()) < LARGEST_UNPACKED // 100
    with pytest.raises(ImportRefused, match="larger"):
        read_tuning_book(stream.getvalue())


def test_a_sheet_is_not_wider_than_anybody_needs() -> None:
    """One cell in the last column there is does not make every row sixteen thousand cells long."""
    wide = instead(SHEET, b'r="C2"', b'r="XFD2"')(parts())
    with sheet_rows(io.BytesIO(wide)) as rows:
        assert max(len(row) for row in rows) <= MOST_COLUMNS
