"""Drawn stand-ins for photos: a tiled wall or a table top with a stain, a date and a place in the corner."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw, ImageFont

from app.reports.fonts import FONT_FOLDER

SIZE = (960, 720)


def draw_picture(rnd: random.Random, caption: str) -> bytes:
    """One JPEG; the same for the same state of `rnd`."""
    ground = tuple(rnd.randint(150, 220) for _ in range(3))
    picture = Image.new("RGB", SIZE, ground)
    pen = ImageDraw.Draw(picture)
    step = rnd.choice((60, 80, 120))
    line = tuple(max(0, part - 28) for part in ground)
    for x in range(0, SIZE[0], step):
        pen.line((x, 0, x, SIZE[1]), fill=line, width=3)
    for y in range(0, SIZE[1], step):
        pen.line((0, y, SIZE[0], y), fill=line, width=3)
    for _ in range(rnd.randint(3, 9)):
        x, y, r = rnd.randint(150, 800), rnd.randint(120, 600), rnd.randint(14, 90)
        shade = tuple(max(0, part - rnd.randint(30, 90)) for part in ground)
        pen.ellipse((x - r, y - r * 0.6, x + r, y + r * 0.6), fill=shade)
    pen.rectangle((0, SIZE[1] - 56, SIZE[0], SIZE[1]), fill=(20, 24, 32))
    font = ImageFont.truetype(str(FONT_FOLDER / "NotoSansSC-tgh-Regular.ttf"), 28)
    pen.text((20, SIZE[1] - 46), caption, font=font, fill=(255, 255, 255))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=78)
    return target.getvalue()
