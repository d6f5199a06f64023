"""The score that the browser shows while one works is the score that the server gives."""

from __future__ import annotations

import json
import random
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from app.rules import Answer, CompiledChecklist, compile_checklist, score
from app.spec.checklists import Checklist
from app.spec.portal import Portal
from app.spec.portal_settings import PortalSettings
from app.web.checklist_spec import browser_conditions, browser_spec

STATIC = Path(__file__).resolve().parents[3] / "app" / "web" / "static"
RUNTIME = Path(__file__).resolve().parents[3] / "app" / "expressions" / "runtime.js"
METHODS = ("deduct", "sum", "pass_rate", "weighted", "average")
RUN = """
import { readFileSync } from "node:fs";
import { askedItems, score } from %(score)s;
import %(runtime)s;
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({ spec, conditions, answers }) => {
  const made = new Function(`return { ${conditions} }`)();
  const asked = askedItems(spec, answers, made);
  const { score: points, grade, passed, complete, items } = score(spec, answers, asked);
  const failed = Object.keys(items).filter((id) => items[id].failed).sort();
  const lacking = {};
  for (const [id, item] of Object.entries(items)) if (item.evidence.length) lacking[id] = item.evidence;
  return { points, grade, passed, complete, failed, lacking };
})));
"""


def made_up_checklist(rnd: random.Random) -> Checklist:
    """A checklist with every kind of answer, drawn at random."""
    sections = []
    for number in range(rnd.randint(1, 3)):
        items = [made_up_item(rnd, f"s{number}i{index}") for index in range(rnd.randint(1, 6))]
        section: dict[str, object] = {"id": f"s{number}", "items": items}
        if rnd.random() < 0.5:
            section["weight"] = str(rnd.randint(0, 5))
        sections.append(section)
    first = sections[0]["items"][0]
    if first["answer"] == "pass_fail" and len(sections) > 1:
        sections[-1]["when"] = f"answer('{first['id']}') == 'fail'"
    elif rnd.random() < 0.5 and len(sections) > 1:
        sections[-1]["when"] = rnd.choice(["score() < 60", "score() >= 50", "score() == None"])
    elif rnd.random() < 0.5:
        sections[0]["items"][-1]["when"] = "score() < 80"
    scoring: dict[str, object] = {"method": rnd.choice(METHODS), "places": str(rnd.randint(0, 3))}
    if rnd.random() < 0.7:
        scoring["full"] = rnd.choice(["100", "10", "5"])
    if rnd.random() < 0.6:
        scoring["pass"] = rnd.choice(["60", "85", "3"])
    scoring["rescale"] = rnd.choice(["true", "false"])
    scoring["floor"] = rnd.choice(["0", None])
    if rnd.random() < 0.7:
        scoring["grades"] = [{"title": "A", "from": "90"}, {"title": "B", "from": "60"}, {"title": "C"}]
    return Checklist.model_validate({"title": "t", "scoring": scoring, "sections": sections}).named(
        "made", ""
    )


def made_up_item(rnd: random.Random, name: str) -> dict[str, object]:
    kind = rnd.choice(
        ["pass_fail", "pass_fail", "yes_no", "number", "count", "choice", "score", "text", "photo"]
    )
    item: dict[str, object] = {"id": name, "answer": kind, "critical": str(rnd.random() < 0.1).lower()}
    if rnd.random() < 0.8:
        item["points"] = rnd.choice(["1", "2.5", "5", "10"])
    if rnd.random() < 0.2:
        item["required"] = "false"
    if kind == "yes_no":
        item["expect"] = rnd.choice(["yes", "no"])
    if kind in ("number", "count") and rnd.random() < 0.7:
        item["limit"] = rnd.choice(["0..8", "> 3", "<= 5", "= 2", "4 ± 1.5", "< 2", "> 2.5", "< 3.5"])
    if kind in ("number", "count") and rnd.random() < 0.5:
        item["per_unit"] = rnd.choice(["1", "0.5"])
    if kind == "score":
        item["max"] = rnd.choice(["5", "10"])
    if kind == "choice":
        steps = {
            "bad": {"title": "bad", "fails": "true"},
            "fair": {"title": "fair"},
            "good": {"title": "good"},
        }
        if rnd.random() < 0.5:
            steps["fair"]["share"] = "0.333"
        item["options"] = steps
    if rnd.random() < 0.3:
        item["evidence"] = ["remark"]
    if rnd.random() < 0.4:
        item["on_fail"] = {"class": "breach", "evidence": ["photo"]}
    return item


def made_up_answer(rnd: random.Random, kind: str) -> dict[str, object]:
    value = {
        "pass_fail": ["pass", "fail"],
        "yes_no": ["yes", "no"],
        "number": ["0", "3", "3.5", "8", "9.25", "-2", "x", "2.50"],
        "count": ["0", "1", "2", "4", "7", "1.5"],
        "choice": ["bad", "fair", "good", "odd"],
        "score": ["0", "2.5", "5", "10", "11"],
        "text": ["words"],
        "photo": [""],
    }[kind]
    given = "" if rnd.random() < 0.15 else rnd.choice(value)
    return {
        "answer": given,
        "na": rnd.random() < 0.12,
        "remark": rnd.choice(["", "seen"]),
        "photos": rnd.choice([0, 0, 1, 2]),
    }


def on_the_server(checklist: CompiledChecklist, given: dict[str, dict[str, object]]) -> dict[str, object]:
    answers = {
        name: Answer(one["answer"] or None, bool(one["na"]), str(one["remark"]), int(str(one["photos"])))
        for name, one in given.items()
    }
    # The page does not send what it does not ask.
    asked = {item.id for item in score(checklist, answers).items if item.state != "not_asked"}
    result = score(checklist, {name: one for name, one in answers.items() if name in asked})
    return {
        "points": None if result.score is None else format(result.score, "f"),
        "grade": result.grade,
        "passed": result.passed,
        "complete": result.complete,
        "failed": sorted(item.id for item in result.items if item.state == "failed"),
        "lacking": {item.id: list(item.lacking) for item in result.items if item.lacking},
    }


@pytest.mark.node
@pytest.mark.parametrize("seed", range(4))
def test_browser_and_server_agree(seed: int) -> None:
    """400 random checklists, answered at random, come to the same score, grade and evidence in both."""
    rnd = random.Random(seed)
    portal = Portal(settings=PortalSettings())
    cases, expected = [], []
    for _ in range(400):
        checklist = compile_checklist(portal, made_up_checklist(rnd))
        given = {name: made_up_answer(rnd, item.spec.answer) for name, item in checklist.items.items()}
        spec = browser_spec(checklist) | {"facts": {}}
        conditions = browser_conditions(checklist, frozenset())
        cases.append({"spec": spec, "conditions": conditions, "answers": given})
        expected.append(on_the_server(checklist, given))
    script = RUN % {
        "score": json.dumps((STATIC / "checklist_score.js").as_uri()),
        "runtime": json.dumps(RUNTIME.as_uri()),
    }
    command = ["node", "--no-warnings", "--input-type=module", "-e", script]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for case, found, wanted in zip(cases, json.loads(done.stdout), expected, strict=True):
        for key in ("points", "floor"):
            if found.get(key) is not None and wanted.get(key) is not None:
                assert Decimal(found[key]) == Decimal(str(wanted[key])), (case, found, wanted)
        assert found | {"points": None} == wanted | {"points": None}, (case, found, wanted)
        assert (found["points"] is None) == (wanted["points"] is None), (case, found, wanted)
