"""May this person do that? One place answers, and says which line of the YAML it goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.access.actor import Actor
from app.access.policy import Policy, Rule, TypeAccess
from app.access.rows import ABOUT, EVERYTHING, FOLLOWING, KEPT, VEILED, Facts, in_scope, row_scope, scope_of
from app.source import N_, PortalError, Span, Translate, untranslated

_WRITING = frozenset({"create", "update", "delete", "import"})


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer with its reason: `text` is a template over `params`; `span` is the granting line, if any."""

    allowed: bool
    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    span: Span | None = None

    def reason(self, translate: Translate = untranslated) -> str:
        return translate(self.text).format(**self.params)


class AccessDenied(PortalError):
    """The actor may not do that; `decision` says why."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        super().__init__(decision.reason())

    def message(self, translate: Translate = untranslated) -> str:
        return self.decision.reason(translate)


def decide(policy: Policy, actor: Actor, verb: str, record_type: str, facts: Facts | None = None) -> Decision:
    """Whether `actor` may do `verb` with the record that `facts` describe, or (None) with any at all.

    record_type is a full name; verb is one of the fixed verbs or a transition's name.
    """
    access = policy.types.get(record_type)
    if access is None:
        return Decision(False, N_("there is no record type '{type}'"), {"type": record_type})
    if record_type in KEPT and verb in _WRITING and actor.kind != "system":
        return Decision(False, N_("the portal keeps these records itself; nobody writes them by hand"))
    if actor.unlimited:
        return Decision(True, N_("the administrator may do everything"))
    if actor.kind == "anonymous":
        return _for_anyone(policy, actor, verb, access)
    rules = access.of(actor.roles, verb)
    if not rules:
        words = {"verb": verb, "type": access.record.label}
        return Decision(False, N_("none of your roles grants '{verb}' on '{type}'"), words)
    if facts is not None and record_type in policy.veiled and facts.get(VEILED):
        return Decision(False, N_("this record is not shown to your unit before it is done"))
    if facts is not None and record_type in FOLLOWING and not facts.get(ABOUT):
        return Decision(False, N_("it is about a record that your roles do not show you"))
    for rule in rules:
        if facts is None or in_scope(scope_of((rule,)), access.record, actor, facts):
            return _granted(policy, rule)
    granted = ", ".join(dict.fromkeys(rule.text for rule in rules))
    words = {"verb": verb, "type": access.record.label, "granted": granted}
    text = N_("this record of '{type}' is not among the rows that your roles grant: {granted}")
    return Decision(False, text, words, rules[0].span)


def may_see_type(policy: Policy, actor: Actor, record_type: str) -> bool:
    """Whether menus, searches and links may name the record type at all."""
    return not row_scope(policy, actor, "read", record_type).nothing


def _granted(policy: Policy, rule: Rule) -> Decision:
    words = {
        "role": policy.role_titles.get(rule.role, rule.role),
        "granted": rule.text,
        "place": str(rule.span),
    }
    return Decision(True, N_("the role '{role}' grants '{granted}' ({place})"), words, rule.span)


def _for_anyone(policy: Policy, actor: Actor, verb: str, access: TypeAccess) -> Decision:
    if row_scope(policy, actor, verb, access.record.name) == EVERYTHING:
        span = access.record.spec.span_of("public")
        text = N_("the record type is open to the public ({place})")
        return Decision(True, text, {"place": str(span)}, span)
    return Decision(False, N_("log in first"))
