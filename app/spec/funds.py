"""The funds that penalty schedules pay into, and the choice lists that offer them and their purposes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.spec.base import Strict
from app.spec.penalties import Fund, PenaltySchedule
from app.spec.portal_settings import ChoiceList, Option

FUND_LIST, PURPOSE_LIST = "fund", "fund_purpose"
"""Built-in choice lists whose options are the declared funds (by full name) and all their purposes."""
MONEY_IN = ("fine", "donation", "deduction")
"""Kinds of penalties that bring money."""


@dataclass(frozen=True, slots=True)
class DeclaredFund:
    """One fund: its full name, the schedules that pay into it, what may be bought, who keeps its accounts."""

    name: str
    title: str
    purposes: tuple[str, ...]
    keepers: tuple[str, ...]
    schedules: tuple[PenaltySchedule, ...]

    @property
    def regime(self) -> str:
        return self.schedules[0].regime


def fund_name(schedule: PenaltySchedule) -> str | None:
    """The full name of the fund that a schedule pays into, None where it pays into none."""
    if schedule.fund is None or schedule.kind not in MONEY_IN:
        return None
    own = schedule.fund.name or schedule.name
    return f"{schedule.regime}.{own}" if schedule.regime else own


def declared_funds(schedules: Mapping[str, PenaltySchedule]) -> dict[str, DeclaredFund]:
    """Every fund by its full name. What several schedules write of one fund is put together: the first
    title, and every purpose and keeper once."""
    members: dict[str, list[PenaltySchedule]] = {}
    for schedule in schedules.values():
        name = fund_name(schedule)
        if name is not None:
            members.setdefault(name, []).append(schedule)
    return {name: _together(name, tuple(paying)) for name, paying in members.items()}


def _together(name: str, paying: tuple[PenaltySchedule, ...]) -> DeclaredFund:
    written = list(_written(paying))
    title = next((one.title for one in written if one.title), "")
    purposes = dict.fromkeys(purpose for one in written for purpose in one.spend_on)
    keepers = dict.fromkeys(one.keeper for one in written if one.keeper)
    return DeclaredFund(name, title or paying[0].label, tuple(purposes), tuple(keepers), paying)


def _written(paying: tuple[PenaltySchedule, ...]) -> Iterator[Fund]:
    for schedule in paying:
        if schedule.fund is not None:
            yield schedule.fund


def with_funds(
    choices: Mapping[str, ChoiceList], schedules: Mapping[str, PenaltySchedule]
) -> Mapping[str, ChoiceList]:
    """The choice lists, the built-in ones of funds and purposes filled."""
    funds = declared_funds(schedules)
    options = {name: _placed(Option(title=fund.title), fund) for name, fund in funds.items()}
    purposes = {
        purpose: _placed(Option(title=purpose), fund)
        for fund in reversed(funds.values())
        for purpose in fund.purposes
    }
    filled = {FUND_LIST: options, PURPOSE_LIST: purposes}
    return {
        name: found.model_copy(update={"options": filled[name]}) if name in filled else found
        for name, found in choices.items()
    }


def _placed(option: Option, fund: DeclaredFund) -> Option:
    """Where its words stand, for those who translate them."""
    owner: Strict | None = next((one.fund for one in fund.schedules if one.fund is not None), None)
    if owner is not None:
        option._raw = owner._raw
    return option
