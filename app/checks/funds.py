"""FND001 to FND003: funds that money comes into, that schedules agree about, that somebody keeps."""

from __future__ import annotations

from app.checks.context import Checking, Found
from app.source import N_, fault, warning
from app.spec.funds import MONEY_IN, DeclaredFund, declared_funds
from app.spec.penalties import Fund, PenaltySchedule


def funds_are_paid_into(checking: Checking) -> Found:
    """FND001: only a schedule whose penalties bring money pays into a fund."""
    for schedule in checking.each(PenaltySchedule):
        if schedule.fund is not None and schedule.kind not in MONEY_IN:
            text = N_("penalties of the kind '{kind}' bring no money, so there is no fund")
            hint = N_("write one of the kinds {known}, or take 'fund' out")
            words = {"kind": schedule.kind, "known": ", ".join(MONEY_IN)}
            yield fault("FND001", schedule.place.key("fund"), text, hint, **words)


def funds_agree(checking: Checking) -> Found:
    """FND002: schedules that pay into one fund do not contradict each other; FND003: roles keep it; UNS001
    (warning): a fund whose purposes nobody wrote."""
    for fund in declared_funds(checking.portal.penalty_schedules).values():
        yield from _contradictions(fund)
        for one in _written(fund):
            if one.keeper is not None and not one.keeper.startswith("role."):
                text = N_("'{name}' does not keep a fund: a role does")
                hint = N_("write a role, such as role.cashier")
                yield fault("FND003", one.span_of("keeper"), text, hint, name=one.keeper)
        if not fund.purposes:
            first = fund.schedules[0]
            text = N_("no purpose of the fund '{name}' is declared, so nothing can be spent")
            yield warning("UNS001", first.place.key("fund"), text, name=fund.name)


def _contradictions(fund: DeclaredFund) -> Found:
    for key in ("spend_on", "title", "keeper"):
        written = [one for one in _written(fund) if getattr(one, key)]
        for one in written[1:]:
            if getattr(one, key) != getattr(written[0], key):
                text = N_("'{key}' of the fund '{name}' is written differently at {first}")
                hint = N_("write it once, or alike")
                words = {"key": key, "name": fund.name, "first": str(written[0].place.key(key))}
                yield fault("FND002", one.place.key(key), text, hint, **words)


def _written(fund: DeclaredFund) -> list[Fund]:
    return [one.fund for one in fund.schedules if one.fund is not None]
