"""Small charts as SVG: vectors in prints, the same picture in a browser. Lengths are SVG units (pixels)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Literal

ChartKind = Literal["bar", "line", "pie"]
Number = int | float | Decimal

COLOURS = ("#2563a8", "#d9822b", "#3f9142", "#8a4fbf", "#c0392b", "#1794a5", "#9a7b1f", "#6b7684")
_INK, _FAINT, _LINE = "#1c2733", "#5f6b7a", "#dfe4ea"
_FONT = "font-family=\"NotoSansSC, 'Noto Sans SC', 'Microsoft YaHei', sans-serif\""
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 14, 34
_TITLE, _LEGEND = 24, 22


@dataclass(frozen=True, slots=True)
class Series:
    """A named row of values, one per label; None = no value."""

    title: str
    values: Sequence[Number | None]


@dataclass(frozen=True, slots=True)
class ChartData:
    """What a chart shows. A pie takes the first series and leaves out values of 0 and below.

    empty: the words shown when there is nothing to show.
    """

    kind: ChartKind
    labels: Sequence[str]
    series: Sequence[Series]
    title: str = ""
    empty: str = ""
    width: int = 640
    height: int = 280


@dataclass(frozen=True, slots=True)
class _Plot:
    """The drawing area and the scale of its upright axis."""

    left: float
    top: float
    width: float
    height: float
    low: float
    high: float

    def y(self, value: float) -> float:
        return self.top + self.height * (self.high - value) / (self.high - self.low)


def text_units(text: str) -> float:
    """Estimated width of a text in parts of its font size: Chinese characters 1, Latin ones 0.56."""
    return sum(1.0 if ord(char) > 0x2E7F else 0.56 for char in text)


def clipped(text: str, units: float) -> str:
    """`text`, cut with an ellipsis to about `units` times its font size."""
    if text_units(text) <= units:
        return text
    kept = text
    while kept and text_units(kept) + 1 > units:
        kept = kept[:-1]
    return kept.rstrip() + "…" if kept else ""


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round axis values from at or below `low` to at or above `high`, at least two."""
    span = high - low
    if span < max(1e-6, 1e-6 * abs(high)):
        span = max(abs(high), 1.0)
    rough = span / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [round(number * step, 10) for number in range(first, last + 1)]


def _shown(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"


def _finite(value: Number | None) -> float | None:
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _text(x: float, y: float, text: str, anchor: str = "start", size: float = 12, look: str = "") -> str:
    colour = look or f'fill="{_INK}"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" {_FONT} {colour}>'
        f"{escape(text)}</text>"
    )


def chart_svg(data: ChartData) -> str:
    """The chart as one `<svg>` element. Text is escaped; missing, zero and negative values are sound."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{data.width}" height="{data.height}" '
        f'viewBox="0 0 {data.width} {data.height}" role="img">',
        # The layout engine takes the extent of what is drawn for the picture's size.
        f'<rect x="0" y="0" width="{data.width}" height="{data.height}" fill="none" stroke="none"/>',
    ]
    if data.title:
        parts.append(f"<title>{escape(data.title)}</title>")
        heading = f'fill="{_INK}" font-weight="bold"'
        parts.append(_text(data.width / 2, 18, clipped(data.title, data.width / 14), "middle", 13, heading))
    values = [_finite(value) for series in data.series for value in series.values]
    known = [value for value in values if value is not None]
    if not data.labels or not known or (data.kind == "pie" and not any(value > 0 for value in known)):
        parts.append(_text(data.width / 2, data.height / 2, data.empty, "middle", 13, f'fill="{_FAINT}"'))
    else:
        parts.extend(_DRAW[data.kind](data))
    parts.append("</svg>")
    return "".join(parts)


def _plot(data: ChartData) -> _Plot:
    known = [v for series in data.series for v in map(_finite, series.values) if v is not None]
    # Bars stand on zero; a line may float, but one near zero is easier to read from it.
    low, high = min(0.0, *known), max(0.0, *known)
    if data.kind == "line" and min(known) > 0.5 * max(known):
        low = min(known)
    scale = ticks(low * 1.12 if data.kind == "bar" else low, high)  # room for the labels of bars below zero
    top = _TOP + (_TITLE if data.title else 0) + (_LEGEND if len(data.series) > 1 else 0)
    return _Plot(_LEFT, top, data.width - _LEFT - _RIGHT, data.height - top - _BOTTOM, scale[0], scale[-1])


def _axes(data: ChartData, plot: _Plot) -> Iterator[str]:
    for value in ticks(plot.low, plot.high):
        y = plot.y(value)
        yield (
            f'<line x1="{plot.left}" y1="{y:.1f}" x2="{plot.left + plot.width:.1f}" y2="{y:.1f}" '
            f'stroke="{_FAINT if value == 0 else _LINE}" stroke-width="1"/>'
        )
        yield _text(plot.left - 6, y + 4, _shown(value), "end", 10.5, f'fill="{_FAINT}"')
    step = plot.width / len(data.labels)
    # Labels that cannot stand side by side are thinned out, never drawn over each other.
    every = max(1, math.ceil(len(data.labels) * 34 / plot.width))
    for number, label in enumerate(data.labels):
        if number % every == 0:
            x = plot.left + step * (number + 0.5)
            yield _text(x, plot.top + plot.height + 17, clipped(label, step * every / 11.5), "middle", 11)


def _legend(data: ChartData) -> Iterator[str]:
    if len(data.series) < 2:
        return
    x, y = float(_LEFT), float(_TOP + (_TITLE if data.title else 0))
    for number, series in enumerate(data.series):
        title = clipped(series.title, 12)
        yield f'<rect x="{x:.1f}" y="{y - 8:.1f}" width="10" height="10" fill="{_colour(number)}"/>'
        yield _text(x + 14, y + 1, title, size=11)
        x += 14 + text_units(title) * 11 + 18


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _bars(data: ChartData) -> Iterator[str]:
    plot = _plot(data)
    yield from _axes(data, plot)
    yield from _legend(data)
    step = plot.width / len(data.labels)
    width = min(step * 0.72 / len(data.series), 46.0)
    labelled = width >= 16 and len(data.labels) * len(data.series) <= 24
    for place, series in enumerate(data.series):
        for number, value in enumerate(map(_finite, series.values[: len(data.labels)])):
            if value is None:
                continue
            x = plot.left + step * (number + 0.5) + (place - len(data.series) / 2) * width
            top, bottom = sorted((plot.y(value), plot.y(0)))
            yield (
                f'<rect x="{x:.1f}" y="{top:.1f}" width="{width * 0.92:.1f}" '
                f'height="{max(bottom - top, 0.5):.1f}" fill="{_colour(place)}"/>'
            )
            if labelled:
                y = top - 4 if value >= 0 else bottom + 12
                yield _text(x + width * 0.46, y, _shown(value), "middle", 10)


def _lines(data: ChartData) -> Iterator[str]:
    plot = _plot(data)
    yield from _axes(data, plot)
    yield from _legend(data)
    step = plot.width / len(data.labels)
    for place, series in enumerate(data.series):
        colour = _colour(place)
        for run in _runs(series, len(data.labels)):
            points = [(plot.left + step * (number + 0.5), plot.y(value)) for number, value in run]
            if len(points) > 1:
                path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
                yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
            yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{colour}"/>' for x, y in points)


def _runs(series: Series, count: int) -> Iterator[list[tuple[int, float]]]:
    """Stretches of a series without gaps, as (position, value)."""
    run: list[tuple[int, float]] = []
    for number, value in enumerate(map(_finite, series.values[:count])):
        if value is not None:
            run.append((number, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _pie(data: ChartData) -> Iterator[str]:
    pairs = [
        (label, value)
        for label, value in zip(data.labels, map(_finite, data.series[0].values), strict=False)
        if value is not None and value > 0
    ]
    total = sum(value for _, value in pairs)
    top = _TOP + (_TITLE if data.title else 0)
    radius = min((data.height - top - _TOP) / 2, data.width / 4)
    centre_x, centre_y = radius + 30, top + (data.height - top - _TOP) / 2
    angle = -math.pi / 2
    for number, (_, value) in enumerate(pairs):
        turn = 2 * math.pi * value / total
        yield _slice(centre_x, centre_y, radius, angle, turn, _colour(number))
        angle += turn
    row = min(20.0, (data.height - top) / max(len(pairs), 1))
    y = centre_y - row * (len(pairs) - 1) / 2
    room = (data.width - centre_x - radius - 50) / 12
    for number, (label, value) in enumerate(pairs):
        x = centre_x + radius + 26
        yield f'<rect x="{x:.1f}" y="{y - 9:.1f}" width="10" height="10" fill="{_colour(number)}"/>'
        words = f"{_shown(value)} ({value / total:.1%})"
        yield _text(x + 15, y, f"{clipped(label, room - text_units(words) - 1)} {words}", size=min(12, row))
        y += row


def _slice(x: float, y: float, radius: float, angle: float, turn: float, colour: str) -> str:
    if turn > 2 * math.pi - 1e-6:  # an arc from a point to itself is nothing
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"/>'
    x1, y1 = x + radius * math.cos(angle), y + radius * math.sin(angle)
    x2, y2 = x + radius * math.cos(angle + turn), y + radius * math.sin(angle + turn)
    return (
        f'<path d="M {x:.2f} {y:.2f} L {x1:.2f} {y1:.2f} A {radius:.2f} {radius:.2f} 0 '
        f'{int(turn > math.pi)} 1 {x2:.2f} {y2:.2f} Z" fill="{colour}" stroke="#ffffff" stroke-width="1"/>'
    )


_DRAW: dict[ChartKind, Callable[[ChartData], Iterator[str]]] = {"bar": _bars, "line": _lines, "pie": _pie}
