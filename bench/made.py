"""Configurations made up by the number: record types of 15 fields, checklists of many items."""

from __future__ import annotations

from pathlib import Path

HEAD = """portal:
  title: Made
  languages: [en]
  timezone: UTC
  currency: EUR
  regimes: [made]
"""
FIELDS = """      code: {type: text, title: Code, required: true, unique: true, max: 32}
      title: {type: text, title: Title, required: true, max: 120}
      status: {type: choice, title: Status, options: {draft: Draft, open: Open, closed: Closed}}
      priority: {type: integer, title: Priority, min: 0, max: 9}
      amount: {type: money, title: Amount, min: 0}
      weight: {type: decimal, title: Weight, places: 2}
      active: {type: boolean, title: Active}
      due_date: {type: date, title: Due, show: status != 'closed'}
      placed_at: {type: datetime, title: Placed, default: now}
      email: {type: email, title: Mail}
      phone: {type: phone, title: Phone}
      city: {type: text, title: City, max: 60}
      notes: {type: long_text, title: Notes, required: status == 'closed'}
      owner: {type: person, title: Owner, owner: true}
"""


def made_types(root: Path, count: int) -> None:
    """`count` record types of 15 fields each, every one linked to the one before."""
    folder = root / "config" / "regimes" / "made"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "config" / "portal.yaml").write_text(HEAD, "utf-8")
    lines = ["regime: {title: Made}", "records:"]
    for number in range(count):
        lines += [f"  thing_{number}:", f"    title: Thing {number}", "    fields:", FIELDS.rstrip()]
        target = f"thing_{number - 1}" if number else "person"
        lines += [f"      parent: {{type: link, to: {target}, title: Parent}}"]
    (folder / "things.yaml").write_text("\n".join(lines) + "\n", "utf-8")


def made_checklists(root: Path, items: int, each: int = 100) -> None:
    """Checklists of `each` items, `items` altogether, each item with a limit and what failing it means."""
    made_types(root, 1)
    for number in range(items // each):
        made_list(root / "checklists" / "made" / f"list_{number}.yaml", each)


def made_list(place: Path, items: int) -> None:
    """One checklist of so many items."""
    lines = ["title: List", "scoring: {method: deduct, full: 100, pass: 60}", "sections:"]
    for index in range(items):
        if index % 10 == 0:
            lines += [f"  - id: s{index}", f"    title: Section {index}", "    items:"]
        lines += [
            f"      - id: item_{index}",
            f"        title: What is looked at here, number {index}",
            "        help: How it is looked at, and what counts as a failure of it",
            "        answer: number",
            "        unit: cm",
            '        limit: "15..20 cm"',
            "        points: 1",
            "        evidence: [remark]",
            "        on_fail:",
            "          class: breach",
            "          level: minor",
            "          evidence: [photo]",
            "          rectify: 24 hours",
        ]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(lines) + "\n", "utf-8")


RULES = """regime: {title: Regulation}
choices:
  grade: {ordered: true, options: {minor: Minor, fault: Fault, serious: Serious}}
records:
  visit:
    title: Visit
    workflow: visit
    fields:
      title: {type: text, title: Title}
      unit: {type: unit, title: Unit}
      found_at: {type: datetime, title: Found}
      offender: {type: person, title: Person}
      level: {type: choice, title: Level, options: grade}
      answers: {type: checklist, title: List, options: [list]}
workflows:
  visit:
    start: open
    states: {open: {title: Open}, charged: {title: Charged, final: true}}
    transitions: {charge: {from: open, to: charged}}
penalty_schedules:
  conduct:
    title: Conduct
    kind: fine
    rank: grade
    facts: {own_check: {type: boolean, title: Found by the unit itself}}
    levels: {minor: {amount: 20}, fault: {amount: 50}, serious: {amount: 200}}
    decided_by: [{when: own_check and level <= 'fault', who: unit.head}, {who: role.administrator}]
    joint_liability: [{person: offender.superior, share: 50 %, when: level >= 'serious', reason: Oversight}]
"""
"""A small regulation: what is inspected, who is fined how much."""


def made_regulations(root: Path, count: int, items: int) -> Path:
    """`count` regulations with a record type, a workflow, a tariff and a checklist each, `items` altogether;
    the file that holds the first tariff."""
    names = [f"rule_{number}" for number in range(count)]
    (root / "config").mkdir(parents=True, exist_ok=True)
    (root / "config" / "portal.yaml").write_text(HEAD.replace("[made]", f"[{', '.join(names)}]"), "utf-8")
    for number, name in enumerate(names):
        place = root / "config" / "regimes" / name / "all.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(RULES, "utf-8")
        share = items * (number + 1) // count - items * number // count
        made_list(root / "checklists" / name / "list.yaml", share)
    return root / "config" / "regimes" / names[0] / "all.yaml"
