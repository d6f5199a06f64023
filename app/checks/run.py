"""All checks in one tuple, and the run over a portal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial

from app.checks import (
    appeals,
    calendars,
    checklist_figures,
    checklists,
    clocks,
    duties,
    fields,
    figure_units,
    funds,
    hidden,
    indicators,
    joint,
    matching,
    penalties,
    penalty_figures,
    records,
    report_data,
    reports,
    roles,
    service_levels,
    settings,
    workflow_examples,
    workflows,
)
from app.checks.context import Checking, Found
from app.checks.not_yet import what_is_not_served_yet
from app.checks.replay import Replay
from app.source import Diagnostic, Span, sort_key
from app.spec.decode import Decoded, set_of
from app.spec.portal import Portal
from app.spec.watching import Watch

Check = Callable[[Checking], Found]

CHECKS: tuple[Check, ...] = (
    settings.portal_settings_are_known,
    settings.regimes_are_declared,
    settings.regime_dates_are_in_order,
    settings.menus_name_record_types,
    calendars.calendars_can_be_counted,
    calendars.calendars_are_open,
    settings.choice_lists_have_options,
    fields.options_fit_the_type,
    fields.names_are_free,
    fields.links_lead_somewhere,
    fields.bounds_are_in_order,
    fields.patterns_can_be_matched,
    fields.sizes_can_be_read,
    fields.defaults_have_the_type,
    fields.expressions_of_fields_hold,
    fields.formulas_do_not_go_round,
    hidden.required_fields_are_shown,
    records.forms_and_lists_name_fields,
    records.fields_stand_in_one_group,
    records.lists_can_be_sorted,
    records.presets_are_options,
    records.numbers_and_labels_are_templates,
    records.workflows_are_declared,
    records.retention_is_a_time,
    records.tables_have_names_of_their_own,
    records.renames_are_possible,
    roles.grants_name_record_types,
    roles.grants_name_verbs,
    roles.grants_are_written_once,
    roles.grants_have_rows,
    roles.grant_conditions_hold,
    roles.hidden_fields_exist,
    roles.somebody_may_read,
    checklists.ids_are_written_once,
    checklists.conditions_of_items_hold,
    checklists.answers_can_be_judged,
    checklists.scoring_is_complete,
    checklists.failures_can_be_followed,
    checklists.clauses_have_figures,
    checklists.points_are_set,
    checklist_figures.figures_make_a_score,
    checklist_figures.examples_expect_something,
    checklist_figures.levels_fit_the_schedule,
    checklist_figures.keys_have_an_effect,
    figure_units.limits_are_in_the_unit,
    figure_units.targets_are_in_percent,
    penalties.references_are_declared,
    penalties.names_of_facts_are_free,
    penalties.levels_follow_the_rank,
    penalties.amounts_rise,
    penalty_figures.amounts_lie_within_bounds,
    penalties.conditions_hold,
    penalties.appeals_are_heard_by_somebody,
    penalties.sanctions_have_titles,
    penalties.times_can_be_read,
    penalty_figures.bounds_are_in_order,
    penalties.examples_name_known_things,
    penalty_figures.amounts_are_set,
    penalty_figures.keys_have_an_effect,
    appeals.calendars_are_declared,
    appeals.every_decision_can_be_contested,
    appeals.windows_can_be_counted,
    matching.rows_are_reached,
    matching.every_case_has_a_row,
    matching.levels_have_no_gap,
    joint.joint_persons_exist,
    joint.joint_rows_ask_for_more,
    workflows.states_are_declared,
    workflows.states_can_be_reached,
    workflows.states_can_be_left,
    workflows.only_one_transition_matches,
    workflows.somebody_may_make_it,
    workflows.workflows_are_followed,
    workflows.transitions_hold,
    workflows.clocks_of_transitions_are_declared,
    workflow_examples.examples_of_workflows_name_known_things,
    service_levels.clocks_hold,
    clocks.clocks_can_stop,
    clocks.clocks_count_by_a_calendar,
    clocks.clocks_can_be_replayed,
    clocks.examples_of_clocks_name_known_things,
    service_levels.targets_are_reached,
    service_levels.times_are_set,
    duties.duties_are_read,
    duties.duties_say_how_often,
    duties.duties_come_round,
    duties.duties_make_something,
    duties.duties_stay_hidden,
    duties.duties_hold,
    duties.examples_of_duties_name_known_things,
    funds.funds_are_paid_into,
    funds.funds_agree,
    reports.reports_hold,
    report_data.reports_ask_and_read,
    reports.templates_have_reports,
    reports.indicators_hold,
    indicators.figures_are_of_all_rows,
    indicators.examples_of_indicators_name_known_things,
    reports.surveys_hold,
    reports.dashboards_hold,
    reports.messages_are_templates,
    what_is_not_served_yet,
)


def run_checks(
    portal: Portal, decoded: Decoded | None = None, watch: Watch | None = None
) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with the meaning of `portal`, in order of place.

    Where `decoded` says that something could not be read, it is a consequence and not a fault of its own that
    its name is unknown, or that the thing around it is incomplete. `watch` is a run over `portal` that knows
    what an earlier one has found.
    """
    checking = Checking(portal) if watch is None else Checking(watch.portal, Replay(watch))
    found = (diagnostic for check in CHECKS for diagnostic in _found(check, checking))
    lost = decoded.lost if decoded else frozenset[str]()
    places = [one.span for one in decoded.diagnostics if one.severity == "error"] if decoded else []
    kept = (one for one in found if not _follows_from(one, lost, places))
    return tuple(sorted(set_of(kept), key=sort_key))


def _found(check: Check, checking: Checking) -> Iterable[Diagnostic]:
    if checking.replay is None:
        return check(checking)
    return checking.replay.run(f"{check.__module__}.{check.__name__}", partial(check, checking))


def _follows_from(diagnostic: Diagnostic, lost: Collection[str], places: Collection[Span]) -> bool:
    """Whether a fault is about something that was lost with an earlier one."""
    if diagnostic.severity == "warning":
        return False
    if any(diagnostic.span.encloses(place) for place in places):
        return True
    words = {str(diagnostic.params.get(key, "")).rpartition(".")[2] for key in ("name", "option", "record")}
    return any(word in lost for word in words if word)
