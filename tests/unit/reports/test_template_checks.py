"""Faults of report templates that are found before anything is printed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.reports import check_templates
from app.reports.names import VALUES
from app.reports.templates import bare_environment
from app.spec.decode import load_portal
from app.spec.portal import Portal, TemplateFile
from tests.support.portals import portal_from

PATH = "report_templates/r/sheet.html"
FILES = {
    "config/regimes/r/records.yaml": """
        records:
          visit:
            title: 检查
            fields:
              unit: {type: unit, title: 单位}
              check: {type: checklist, title: 检查表, options: [kitchen], finding: finding}
              photos: {type: photos, title: 照片}
              steps: {type: lines, title: 措施, fields: {what: {type: text, title: 措施}}}
          finding:
            title: 问题
            fields: {visit: {type: link, to: visit, title: 检查}, remark: {type: text, title: 备注}}
        """,
    "checklists/r/kitchen.yaml": """
        title: 厨房
        sections: [{id: floor, title: 地面, items: [{id: dry, title: 干燥}]}]
        """,
    "report_templates/r/sheet.yaml": "{title: 检查单, record: visit}",
    "report_templates/r/_top.html": "<h1>{{ title }}</h1>",
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """Visits with a report, whose template each test writes."""
    return portal_from(tmp_path_factory.mktemp("templates"), FILES)


def found(portal: Portal, text: str) -> list[str]:
    """Code, line, message and hint of each fault of the template."""
    templates = {**portal.templates, "r.sheet": TemplateFile(PATH, text)}
    faults = check_templates(replace(portal, templates=templates))
    assert all(one.span.file == PATH for one in faults)
    said = ((one.code, one.span.line, one.message(), one.hint_text()) for one in faults)
    return [f"{code}:{line} {message} {hint}".strip() for code, line, message, hint in said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n{{ record.unti }}", "RPT009:2 'r.visit' has no field 'unti' did you mean 'unit'?"),
        ("{{ record.raw.unti }}", "RPT009:1 'r.visit' has no field 'unti' did you mean 'unit'?"),
        ("{{ labels['unti'] }}", "RPT009:1 'r.visit' has no field 'unti' did you mean 'unit'?"),
        ("{{ portl.title }}", "RPT009:1 a report has nothing named 'portl' did you mean 'portal'?"),
        (
            "{% for f in findings %}{{ f.remrk }}{% endfor %}",
            "RPT009:1 'f' has no field 'remrk' did you mean 'remark'?",
        ),
        (
            "{% for p in penalties %}{{ p.persn }}{% endfor %}",
            "RPT009:1 'p' has no field 'persn' did you mean 'person'?",
        ),
        (
            "{% for s in lines.steps %}{{ s.whta }}{% endfor %}",
            "RPT009:1 's' has no field 'whta' did you mean 'what'?",
        ),
        ("{{ lines.step }}", "RPT009:1 'lines' has no field 'step' did you mean 'steps'?"),
        ("{{ grid('answer') }}", "RPT009:1 grid() finds nothing named 'answer' did you mean 'answers'?"),
        ("{{ photos('photo') }}", "RPT009:1 photos() finds nothing named 'photo' did you mean 'photos'?"),
        (
            "{% import 'macros.html' as m %}{{ m.metatable([]) }}",
            "RPT009:1 'm' has no field 'metatable' did you mean 'meta_table'?",
        ),
        (
            "{% from 'macros.html' import end_marks %}",
            "RPT009:1 there is no building block 'end_marks' did you mean 'end_mark'?",
        ),
        ("{% include 'top.html' %}", "RPT009:1 there is no template 'top.html' did you mean '_top.html'?"),
        ("<p>\n{{ title|mony }}", "RPT008:2 The template cannot be read: No filter named 'mony'."),
        ("\n\n{% if title %}", "RPT008:3 The template cannot be read: Unexpected end of template."),
        (
            "{% autoescape false %}{% endautoescape %}",
            "RPT008:1 Escaping of text cannot be switched off in a report.",
        ),
    ],
)
def test_a_fault_is_found_with_its_line_and_the_near_name(portal: Portal, text: str, said: str) -> None:
    """Each mistake is one fault, at its line."""
    [fault] = found(portal, text)
    assert fault.startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "{% include '_top.html' %}{% include 'r/_top.html' %}",
        "{% import 'macros.html' as m %}{{ m.meta_table([(labels.unit, record.unit)]) }}",
        "{{ record.check_score }}{{ record.raw.created_at|datetime }}{{ labels.check_passed }}",
        "{% for f in findings %}{{ f.remark }}{{ f.raw.id }}{{ loop.index }}{% else %}-{% endfor %}",
        "{% for f in [1] %}{{ f }}{% endfor %}{% for p in penalties %}{{ p.reasons }}{% endfor %}",
        "{% set record = {'a': 1} %}{{ record.a }}",
        "{% macro one(unit) %}{{ unit }}{% endmacro %}{{ one(record.unit) }}",
        "{{ grid('answers_check') }}{{ grid('steps') }}{{ grid('findings') }}{{ photos('evidence') }}",
        "{{ _('Yes') }}{{ now|datetime }}{{ document.number }}{{ range(2)|length }}",
    ],
)
def test_a_sound_template_has_no_faults(portal: Portal, text: str) -> None:
    """What may be written is not complained of."""
    assert found(portal, text) == []


def test_a_template_of_no_report_is_only_read(portal: Portal) -> None:
    """A part that others include may use what they give it; its syntax is checked all the same."""
    templates = {"r._top": TemplateFile("report_templates/r/_top.html", "{{ whatever }}")}
    assert check_templates(replace(portal, templates=templates)) == ()
    templates = {"r._top": TemplateFile("report_templates/r/_top.html", "{{ whatever ")}
    assert [one.code for one in check_templates(replace(portal, templates=templates))] == ["RPT008"]


def test_the_shipped_templates_are_sound() -> None:
    """The templates of the shipped regulations name only what there is."""
    portal, _ = load_portal(Path(__file__).parents[3])
    assert portal is not None and portal.templates
    assert check_templates(portal) == ()


def test_no_value_hides_a_function() -> None:
    """What a report is given is never called like a function that templates may call."""
    _tree, environment = bare_environment("", "x.html", {})
    assert VALUES.keys() & environment.globals.keys() == set()
