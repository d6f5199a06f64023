"""Photos: upright, small, safe."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from app.reports import ImageRejected, prepare_photo, prepare_signature


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that claims to be `side` pixels square."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_kind_becomes_a_small_jpeg(kind: str) -> None:
    """Large pictures shrink to the longest side, in proportion."""
    photo = opened(prepare_photo(encoded(Image.new("RGB", (1600, 1200), "red"), kind)))
    assert (photo.format, photo.size) == ("JPEG", (900, 675))


def test_small_pictures_keep_their_size() -> None:
    """Nothing is blown up."""
    assert opened(prepare_photo(encoded(Image.new("RGB", (30, 20)), "PNG"))).size == (30, 20)


def test_phone_photos_stand_upright_and_lose_their_metadata() -> None:
    """The orientation mark is applied, and place and camera do not reach the print."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker"
    left_half_red = Image.new("RGB", (400, 200), "blue")
    left_half_red.paste("red", (0, 0, 200, 200))
    photo = opened(prepare_photo(encoded(left_half_red, "JPEG", exif=exif)))
    assert photo.size == (200, 400)
    assert photo.getpixel((100, 50))[0] > 200  # type: ignore[index]
    assert not photo.getexif()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK", "I;16"])
def test_odd_colour_modes(mode: str) -> None:
    """Transparent, grey and print-colour pictures all become plain photos."""
    kind = "TIFF" if mode in {"CMYK", "I;16"} else "PNG"
    assert opened(prepare_photo(encoded(Image.new(mode, (20, 20)), kind))).mode == "RGB"


def test_transparent_parts_are_white() -> None:
    """A logo without background prints on white."""
    photo = opened(prepare_photo(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")))
    assert photo.getpixel((10, 10)) == (255, 255, 255)


def test_signatures_stay_transparent() -> None:
    """A signature lies over its line."""
    signature = opened(prepare_signature(encoded(Image.new("RGBA", (1200, 300), (0, 0, 0, 0)), "PNG")))
    assert (signature.format, signature.mode, signature.size) == ("PNG", "RGBA", (600, 150))


JPEG = encoded(Image.new("RGB", (300, 300), "green"), "JPEG")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"%PDF-1.7 no picture", id="another file"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', id="svg"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", id="postscript"),
        pytest.param(JPEG[:200], id="cut off"),
        pytest.param(JPEG[: len(JPEG) // 2], id="half"),
        pytest.param(bomb(8000), id="bomb of 64 million pixels"),
        pytest.param(bomb(40000), id="bomb of 1600 million pixels"),
        pytest.param(bomb(100), id="without pixels"),
        pytest.param(encoded(Image.new("RGB", (9, 9)), "ICO"), id="a format not asked for"),
    ],
)
@pytest.mark.parametrize("prepare", [prepare_photo, prepare_signature])
def test_what_is_no_photo_is_rejected(data: bytes, prepare: object) -> None:
    """Damaged files, other kinds and pixel bombs are refused with words for the user."""
    with pytest.raises(ImageRejected) as caught:
        prepare(data)  # type: ignore[operator]
    assert "picture" in str(caught.value)
