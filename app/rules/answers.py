"""Answers to a checklist's items: what was answered, what was noted, which evidence is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from app.rules.facts import WORDS, read_number
from app.rules.mistakes import Mistake, mistake, unknown
from app.rules.values import Plain, plain
from app.source import N_

NOT_APPLICABLE = frozenset({"na", "n/a", "not_applicable"})
_KEYS = ("value", "not_applicable", "remark", "photos", "files", "signatures")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `value` as its kind asks: 'pass'/'fail', 'yes'/'no', an option's name, a figure, a text.

    `photos`, `files` and `signatures` count what is attached to the item.
    """

    value: object = None
    not_applicable: bool = False
    remark: str = ""
    photos: int = 0
    files: int = 0
    signatures: int = 0

    def has(self, evidence: str) -> bool:
        """Whether evidence of a kind (photo, remark, file, signature) is there."""
        if evidence == "remark":
            return bool(self.remark.strip())
        return {"photo": self.photos, "file": self.files, "signature": self.signatures}[evidence] > 0

    def to_json(self) -> dict[str, Plain]:
        """The answer as plain values; what is empty is left out."""
        values = {name: plain(getattr(self, name)) for name in _KEYS}
        return {name: value for name, value in values.items() if value not in (None, False, "", 0)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Plain]) -> Answer:
        """The answer that `to_json` stored."""
        return cls(
            value=stored.get("value"),
            not_applicable=stored.get("not_applicable") is True,
            remark=str(stored.get("remark", "")),
            photos=int(str(stored.get("photos", 0))),
            files=int(str(stored.get("files", 0))),
            signatures=int(str(stored.get("signatures", 0))),
        )


EMPTY = Answer()
Answers = Mapping[str, Answer]
NO_ANSWERS: Answers = MappingProxyType({})


def read_answers(raw: Mapping[str, object]) -> tuple[dict[str, Answer], tuple[Mistake, ...]]:
    """Answers as written in YAML or JSON: item -> `pass`, `fail`, `na`, a figure, or a mapping with `value`,
    `remark`, `photos` (a number or a list of names), `files`, `signatures`, `not_applicable`."""
    answers: dict[str, Answer] = {}
    mistakes: list[Mistake] = []
    for item, written in raw.items():
        found = _read(item, written)
        if isinstance(found, Mistake):
            mistakes.append(found)
        else:
            answers[item] = found
    return answers, tuple(mistakes)


def _read(item: str, written: object) -> Answer | Mistake:
    if isinstance(written, (list, tuple)):
        return mistake(item, N_("the answer to '{name}' cannot be a list"))
    if not isinstance(written, Mapping):
        return _bare(written)
    strange = next((key for key in written if key not in _KEYS), None)
    if strange is not None:
        return unknown(str(strange), N_("an answer has no key '{name}' (item '{item}')"), _KEYS, item=item)
    counts = {key: _count(written.get(key)) for key in ("photos", "files", "signatures")}
    wrong = next((key for key, count in counts.items() if count is None), None)
    if wrong is not None:
        return mistake(item, N_("'{key}' of '{name}' is a number or a list of names"), key=wrong)
    not_applicable = WORDS.get(str(written.get("not_applicable", "false")).lower())
    if not_applicable is None:
        return mistake(item, N_("'{key}' of '{name}' is true or false"), key="not_applicable")
    bare = _bare(written.get("value"))
    return Answer(
        value=bare.value,
        not_applicable=not_applicable or bare.not_applicable,
        remark=str(written.get("remark") or ""),
        photos=counts["photos"] or 0,
        files=counts["files"] or 0,
        signatures=counts["signatures"] or 0,
    )


def _bare(written: object) -> Answer:
    if isinstance(written, str) and written.strip().lower() in NOT_APPLICABLE:
        return Answer(not_applicable=True)
    return Answer(value=written)


def _count(written: object) -> int | None:
    if written is None:
        return 0
    if isinstance(written, (list, tuple)):
        return len(written)
    number = read_number(written)
    return int(number) if number is not None and number >= 0 and number % 1 == Decimal(0) else None
