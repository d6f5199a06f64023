"""What a replay adds up: fines, points and rewards, each for itself."""

from __future__ import annotations

from decimal import Decimal

from app.actions.replay_tallies import Move, PenaltyTally


def move(before: str, after: str, *, in_points: bool = False, reward: bool = False) -> Move:
    return Move(
        penalty_id=1,
        number="CF-1",
        record_type="r.case",
        record_id=1,
        person_id=1,
        unit_id=7,
        schedule="r.one",
        level_before="minor",
        level_after="minor",
        before=Decimal(before),
        after=Decimal(after),
        charged_before=True,
        charged_after=True,
        in_points=in_points,
        reward=reward,
    )


def test_rewards_and_points_are_no_fines() -> None:
    """Money that is charged is told apart from money that is given and from points."""
    tally = PenaltyTally()
    for one in (move("50", "80"), move("300", "200", reward=True), move("2", "4", in_points=True)):
        tally.add(one)
    for told in (tally.total.as_json(), tally.by_unit[7].as_json()):
        assert (told["before"], told["after"]) == ("50.00", "80.00")
        assert told["rewards"] == {"before": "300.00", "after": "200.00"}
        assert told["points"] == {"before": "2", "after": "4"}
        assert (told["raised"], told["lowered"]) == (2, 1)
