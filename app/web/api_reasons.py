"""Why a record came out as it did, as programs read it: the same trees that pages and prints show."""

from __future__ import annotations

from typing import Any

from app.actions.penalty_history import contest_words, penalty_history, reasons_told
from app.actions.stored_reasons import score_reasons
from app.release import RecordModel
from app.storage.checklist_runs import RunPlace, load_run
from app.web.context import Served, action_context, session
from app.web.languages import label
from app.web.visible import Visible

PENALTY = "penalty"


def told_reasons(here: Served, record: RecordModel, seen: Visible) -> dict[str, Any]:
    """For a penalty: `because` (its reasons), `history` (its chain), `contest` (how it can be contested now);
    for a record with checklists: `scores` by field. What the reader may not see is not there."""
    context, key = action_context(), seen.record.id
    if record.name == PENALTY:
        history = penalty_history(context, key)
        return {
            "because": reasons_told(context, key),
            "history": [one.told(context) for one in history],
            "contest": contest_words(context, key) if history else "",
        }
    scores = {}
    for field in record.of_type("checklist"):
        if field.name in seen.hidden or f"{field.name}_score" in seen.hidden:
            continue
        run = load_run(session(), here.models, RunPlace(record.name, key, field.name))
        if run is not None:
            scores[field.name] = {
                "checklist": run.checklist,
                "score": run.result.get("score"),
                "release": run.release_id,
                "because": [one.told(label) for one in score_reasons(run)],
            }
    return {"scores": scores}
