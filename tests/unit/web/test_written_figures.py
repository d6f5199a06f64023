"""Figures and amounts read the same as Babel's own."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from app.web.figures import write_money, write_number

LANGUAGES = ("zh_Hans", "en", "de", "fr", "es", "pt", "hi", "ar", "fa", "de_CH", "sv", "pl", "ja", "bn")
CURRENCIES = ("CNY", "EUR", "JPY", "USD", "KWD", "CHF")
FIGURES = st.decimals(-(10**16), 10**16, places=4, allow_nan=False) | st.decimals(0, 100, places=2)


@given(figure=FIGURES, language=st.sampled_from(LANGUAGES), places=st.none() | st.integers(0, 4))
def test_a_figure_reads_as_babel_writes_it(figure: Decimal, language: str, places: int | None) -> None:
    """Whatever the language: groups, point and digits agree with Babel's."""
    locale = Locale.parse(language)
    pattern = None if places is None else f"#,##0.{'0' * places}" if places else "#,##0"
    assert write_number(figure, locale, places) == format_decimal(
        figure, pattern, locale, decimal_quantization=False
    )


@given(amount=FIGURES, language=st.sampled_from(LANGUAGES), currency=st.sampled_from(CURRENCIES))
def test_an_amount_reads_as_babel_writes_it(amount: Decimal, language: str, currency: str) -> None:
    """Sign of the currency, its place and the number of digits agree with Babel's."""
    locale = Locale.parse(language)
    assert write_money(amount, currency, locale) == format_currency(amount, currency, locale=locale)


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1234.5", "$1,234.50"), ("0.005", "$0.00"), ("0.015", "$0.02"), ("-3", "-$3.00")],
)
def test_amounts_in_figures(amount: str, text: str) -> None:
    """Half goes to the even digit, as in Babel; a negative amount keeps its sign in front."""
    assert write_money(Decimal(amount), "USD", Locale("en")) == text
