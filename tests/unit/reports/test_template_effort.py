"""What a report template may cost: it must not hold up the portal or fill its memory."""

from __future__ import annotations

import pytest

from app.reports import ReportTemplateFault, render_report
from app.reports.effort import Effort
from app.reports.sandbox import make_environment

GREEDY = {
    "loops": ("{% for a in range(9999) %}{% for b in range(999) %}{% endfor %}{% endfor %}", "rounds"),
    "filtered away": (
        "{% for a in range(9999) %}{% for b in range(999) if b < 0 %}{% endfor %}{% endfor %}", "rounds"),
    "sorting in a loop": ("{% for a in range(9999) %}{{ range(9999)|sort|first }}{% endfor %}", "rounds"),
    "picking in a loop": ("{% for a in range(9999) %}{{ range(9999)|map('abs')|sum }}{% endfor %}", "rounds"),
    "macro that calls itself": (
        "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(60) }}", "rounds"),
    "doubling beside": ("{% set x = 'aaaaaaaa' %}" + "{% set x = x ~ x %}" * 30, "text too long"),
    "doubling sum": ("{% set x = 'aaaaaaaa' %}" + "{% set x = x + x %}" * 30, "sequence too long"),
    "doubling list": ("{% set x = [1, 2] %}" + "{% set x = x + x %}" * 30, "sequence too long"),
    "doubling block": (
        "{% set x = 'aaaaaaaa' %}" + "{% set x %}{{ x }}{{ x }}{{ x }}{% endset %}" * 20, "text too long"),
    "squaring": ("{% set x = 99 %}" + "{% set x = x * x %}" * 40, "number too large"),
    "joining": ("{{ range(9999)|join('x' * 99999)|length }}", "text too long"),
    "replacing": ("{{ ('a' * 99999)|replace('a', 'x' * 9999)|length }}", "text too long"),
    "replacing nothing": ("{{ ('a' * 99999)|replace('', 'x' * 9999)|length }}", "text too long"),
    "replacing in a map": ("{{ ['a' * 99999]|map('replace', 'a', 'x' * 9999)|list }}", "text too long"),
    "filling rows": ("{{ [1]|batch(99999999, 'x')|list }}", "too many parts"),
    "many parts": ("{{ [1]|slice(slices=99999999)|list }}", "too many parts"),
    "sum of lists": ("{{ [[1]]|sum(start=[]) }}", "only numbers"),
    "nested brackets": ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "nested too deeply"),
    "nested conditions": ("{% if 1 %}" * 3000 + "{% endif %}" * 3000, "nested too deeply"),
    "includes itself": ("{% include 'r/greedy.html' %}", "recursion"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "words"), GREEDY.values(), ids=GREEDY)
def test_a_greedy_template_is_stopped(source: str, words: str) -> None:
    """It ends in a fault that names its file, after a bounded number of rounds and letters."""
    with pytest.raises(ReportTemplateFault, match=words) as caught:
        render_report(source, {}, name="r/greedy.html", includes={"r/greedy.html": source})
    assert caught.value.span.file == "r/greedy.html"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        pytest.param("{% for a in rows if a > 1 %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2",
                     id="loop"),
        pytest.param("{{ 'a' ~ 1 ~ mark }}", "a1&lt;b&gt;", id="beside"),
        pytest.param("{{ rows|sum }} {{ rows|join(', ') }} {{ rows|map('string')|join('<') }}",
                     "6 1, 2, 3 1&lt;2&lt;3", id="filters"),
        pytest.param("{{ rows|batch(2, 0)|list }} {{ 'aXa'|replace('X', mark) }}",
                     "[[1, 2], [3, 0]] a&lt;b&gt;a", id="parts"),
        pytest.param("{% macro m(x) %}<i>{{ x }}</i>{% endmacro %}{% set y %}{{ m(mark) }}{% endset %}{{y}}",
                     "<i>&lt;b&gt;</i>", id="macro"),
        pytest.param("{{ [{'n': 2}, {'n': 1}]|sum(attribute='n') }} {{ rows|select('gt', 1)|list }}",
                     "3 [2, 3]", id="attribute"),
    ],
)  # fmt: skip
def test_what_is_counted_stays_the_same(source: str, shown: str) -> None:
    """Counting changes nothing about what a template writes, and nothing about escaping."""
    html = render_report(source, {"rows": [1, 2, 3], "mark": "<b>"})
    assert f"<body>{shown}" in html.replace(" </body>", "</body>")


def test_time_runs_out() -> None:
    """Rounds that are few and slow end too."""
    effort = Effort(until=0.0)
    environment = make_environment({})
    environment.effort = effort
    with pytest.raises(Exception, match="too long"):
        environment.from_string("{% for a in range(5000) %}{% endfor %}").render()
