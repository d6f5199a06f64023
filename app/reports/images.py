"""Photos as they are kept and printed: upright, small, and re-encoded by us."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from app.reports.errors import ImageRejected
from app.source import N_

MAX_PIXELS = 50_000_000
"""Pictures with more pixels are refused unopened; a phone's largest photos have about 50 million."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_QUALITY = 75


def _opened(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked below
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise _unreadable() from error
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    return picture


def _too_large() -> ImageRejected:
    return ImageRejected(
        N_("The picture has more than {limit} million pixels."), limit=MAX_PIXELS // 1_000_000
    )


def _unreadable() -> ImageRejected:
    return ImageRejected(N_("The file is not a picture, or it is damaged."))


def _flattened(picture: Image.Image) -> Image.Image:
    """The picture in plain colours, transparent parts white."""
    if picture.mode == "RGB":
        return picture
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return picture.convert("RGB")


def prepare_photo(data: bytes, max_side: int = 900) -> bytes:
    """A photo as JPEG: turned upright, at most `max_side` pixels long, without metadata (place, camera).

    Raises ImageRejected for what is no JPEG, PNG, WebP, GIF, BMP or TIFF, is damaged, or is a pixel bomb.
    """
    picture = _opened(data)
    try:
        picture.draft("RGB", (max_side * 2, max_side * 2))
        upright = _flattened(ImageOps.exif_transpose(picture))
        upright.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    except (OSError, ValueError, SyntaxError, IndexError, EOFError, Image.DecompressionBombError) as error:
        raise _unreadable() from error
    target = io.BytesIO()
    upright.save(target, "JPEG", quality=_QUALITY, optimize=True)
    return target.getvalue()


def prepare_signature(data: bytes, max_side: int = 600) -> bytes:
    """A drawn signature or seal as PNG that keeps its transparency. Raises ImageRejected."""
    picture = _opened(data)
    try:
        layer = picture.convert("RGBA")
        layer.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    except (OSError, ValueError, SyntaxError, IndexError, EOFError, Image.DecompressionBombError) as error:
        raise _unreadable() from error
    target = io.BytesIO()
    layer.save(target, "PNG", optimize=True)
    return target.getvalue()
