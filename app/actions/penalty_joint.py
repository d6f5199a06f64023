"""Joint shares follow the penalty that they are taken of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from app.actions.context import Context
from app.actions.late_steps import LateState, late_state, schedule_of
from app.actions.penalty_chain import Note
from app.actions.penalty_changes import append_change
from app.actions.penalty_decisions import raised_with, stored_penalty
from app.actions.penalty_judged import CHARGED, is_joint_of, judged_of
from app.actions.penalty_words import noted
from app.rules.late import with_steps
from app.source import N_
from app.storage import read_record
from app.storage.late import write_late
from app.storage.penalties import STANDING, PenaltyRow
from app.storage.penalty_chain import chain_of, last_entry


def shares_of(context: Context, main: PenaltyRow) -> Iterator[PenaltyRow]:
    """The standing penalties of those who answer jointly for the person in breach of `main`."""
    if main.origin != "direct":
        return
    for row in raised_with(context, main):
        if is_joint_of(row, main) and row.state in STANDING:
            yield row


def following(context: Context, main: PenaltyRow) -> dict[str, int]:
    """Which entry of the main penalty's chain a share follows, for the detail of its own entry."""
    last = last_entry(context.session, context.models, main.id)
    return {"of": main.id, "seq": last.seq if last is not None else 0}


def shared_amount(context: Context, row: PenaltyRow, main: PenaltyRow) -> Decimal | None:
    """What a share is taken of: what is due of the person in breach, without late payment unless the
    regulation says `of: due`; None while nothing is."""
    penalty = judged_of(row).penalty
    if main.amount_due is None or (penalty is not None and penalty.share_of == "due"):
        return main.amount_due
    last = last_entry(context.session, context.models, main.id)
    return main.amount_due if last is None or last.decided_amount is None else last.decided_amount


def share_out(context: Context, main: PenaltyRow) -> None:
    """Those who answer jointly owe their share of an amount that the decider has set just now."""
    amount = main.amount_due
    if amount is None or not judged_of(main).open:
        return
    for row in shares_of(context, main):
        owed = judged_of(row).share_of(amount)
        if row.state == "proposed" and owed is not None:
            text = N_("{amount}: the share of the {base} that was decided")
            why = noted(row, ".share", text, amount=owed, base=amount)
            note = Note("share_set", detail=following(context, main))
            append_change(context, row.id, {"amount_due": owed}, note, [why])


def share_again(context: Context, main_id: int) -> None:
    """Where the regulation takes the share `of: due`, it follows what is due of the person in breach: call it
    when a step of late payment has changed that.

    What is paid stays as it is, and so does a share that was corrected. What late payment of its own has made
    of a share is made of the new one, whoever of the two was late first.
    """
    main = stored_penalty(context, main_id)
    if main.amount_due is None or main.state not in CHARGED:
        return
    for row in tuple(shares_of(context, main)):
        judged = judged_of(row)
        if row.state == "paid" or judged.penalty is None or judged.penalty.share_of != "due":
            continue
        owed = judged.share_of(main.amount_due)
        chain = chain_of(context.session, context.models, row.id)
        if owed is not None and not any(one.kind == "corrected" for one in chain):
            _owe(context, row, main, owed)


def _owe(context: Context, row: PenaltyRow, main: PenaltyRow, share: Decimal) -> None:
    """A joint penalty comes to `share`, and to what its own late payment makes of that."""
    stored = read_record(context.session, context.models, "penalty", row.id)
    schedule = schedule_of(context, stored) if stored is not None else None
    late = late_state(context, stored) if stored is not None else LateState()
    own = schedule is not None and late.applied > late.skip
    owed = with_steps(schedule, share, late.skip, late.applied) if own and schedule is not None else share
    if owed == (row.amount_due or Decimal(0)):
        return
    if own:
        after = replace(late, amount=share, result=owed)
        write_late(context.session, context.models, row.id, after.to_json())
    text = N_("{amount}: the share of the {base} that is due now, late payment included")
    if own:
        text = N_("{amount}: the share of the {base} due now is {share}; its own late payment is added")
    why = noted(row, ".share", text, amount=owed, base=main.amount_due or Decimal(0), share=share)
    note = Note("share_set", detail=following(context, main))
    append_change(context, row.id, {"amount_due": owed}, note, [why])
