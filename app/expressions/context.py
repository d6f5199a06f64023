"""What the checker carries along, and how a path finds its meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.expressions.core import Node, Read
from app.expressions.tree import Path, Tree
from app.expressions.types import Environment, LinesType, LinksType, LinkType, Type
from app.source.diagnostics import N_, Diagnostic, Span, fault, unknown_name_hint, warning

_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("null", "none", "nil", "NULL", "NONE", "Null", "undefined"), "None"),
        **dict.fromkeys(("true", "TRUE", "yes"), "True"),
        **dict.fromkeys(("false", "FALSE", "no"), "False"),
    }
)
_ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "old": N_("`old` is the record before a save; it is known only where a save is judged"),
        "this": N_("`this` is the current record; there is none here"),
        "state": N_("`state` is known only for records with a workflow"),
        "period": N_("`period` is known only in indicators and reports"),
        "me": N_("`me` is the person who is logged in; nobody is here"),
        "now": N_("the time is not known here"),
        "today": N_("the date is not known here"),
    }
)


@dataclass(frozen=True, slots=True)
class Context:
    """One place in an expression: its environment, the rows around it, and where faults are noted.

    `typed` reads a subtree; `frames` are the fields of the rows around, outermost first.
    """

    env: Environment
    faults: list[Diagnostic]
    typed: Callable[[Context, Tree], Node | None]
    frames: tuple[Mapping[str, Type], ...] = ()

    def say(self, at: Span, code: str, text: str, hint: str = "", **params: object) -> None:
        self.faults.append(fault(code, at, text, hint, **params))

    def remark(self, at: Span, code: str, text: str, hint: str = "", **params: object) -> None:
        self.faults.append(warning(code, at, text, hint, **params))

    @property
    def errors(self) -> int:
        """How many errors there are so far."""
        return sum(found.severity == "error" for found in self.faults)

    def inside(self, row: Mapping[str, Type]) -> Context:
        """The same place, with the names of one more row in sight."""
        return replace(self, frames=(*self.frames, row))


def known_names(ctx: Context) -> set[str]:
    """The names that may begin a path here."""
    names = set(ctx.env.names).union(*ctx.frames)
    if ctx.env.this is not None:
        names.add("this")
        if ctx.env.old:
            names.add("old")
    return names


def resolve(ctx: Context, path: Path, *, quietly: bool = False) -> Read | None:
    """The `Read` that a path stands for; None, with a fault unless `quietly`, when there is none."""
    root = _root(ctx, path)
    if root is None:
        if not quietly:
            _say_unknown(ctx, path)
        return None
    read, used = root
    for index in range(used, len(path.parts)):
        step = _step(ctx, read, path, index, quietly=quietly)
        if step is None:
            return None
        read = step
    return Read(path.at, read.type, read.parts, read.frame)


def _root(ctx: Context, path: Path) -> tuple[Read, int] | None:
    """What the path begins with, and how many of its parts that takes."""
    name, env = path.parts[0], ctx.env
    for frame in range(len(ctx.frames), 0, -1):
        if name in ctx.frames[frame - 1]:
            return Read(path.at, ctx.frames[frame - 1][name], (name,), frame), 1
    if name in env.names:
        if ctx.frames and _must_say_this(ctx, name):
            return None
        return Read(path.at, env.names[name], (name,)), 1
    if env.this is None:
        return None
    if name == "old" and env.old:
        return Read(path.at, LinkType(env.this), ("old",)), 1
    if name != "this":
        return None
    if len(path.parts) == 1:
        return Read(path.at, LinkType(env.this), ("id",)), 1
    own = own_fields(env).get(path.parts[1])
    return (Read(path.at, own, (path.parts[1],)), 2) if own is not None else None


def own_fields(env: Environment) -> Mapping[str, Type]:
    """The fields of the record that the expression belongs to."""
    return (env.schema.fields(env.this) if env.this is not None else None) or {}


def _must_say_this(ctx: Context, name: str) -> bool:
    """Inside a row, a field of the record outside is only meant when `this.` says so."""
    return name in own_fields(ctx.env)


def _step(ctx: Context, read: Read, path: Path, index: int, *, quietly: bool) -> Read | None:
    name, at = path.parts[index], path.places[index]
    if not isinstance(read.type, LinkType):
        if not quietly:
            hint = ""
            if isinstance(read.type, LinksType | LinesType):
                hint = N_("there are several: use any({group}, …) or all({group}, …)")
            ctx.say(at, "EXPR010", N_("'{group}' is a {type} and has no fields"), hint,
                    group=".".join(path.parts[:index]), type=str(read.type))  # fmt: skip
        return None
    fields = ctx.env.schema.fields(read.type.record)
    if fields is None or name not in fields:
        if not quietly:
            hint, params = unknown_name_hint(name, fields or {})
            ctx.say(at, "EXPR003", N_("record type '{record}' has no field '{name}'"), hint,
                    record=read.type.record, name=name, **params)  # fmt: skip
        return None
    return Read(path.at, fields[name], (*read.parts, name), read.frame)


def _say_unknown(ctx: Context, path: Path) -> None:
    name, at = path.parts[0], path.places[0]
    if name == "this" and ctx.env.this is not None:
        hint, params = unknown_name_hint(path.parts[1], own_fields(ctx.env))
        ctx.say(path.places[1], "EXPR003", N_("record type '{record}' has no field '{name}'"), hint,
                record=ctx.env.this, name=path.parts[1], **params)  # fmt: skip
    elif name in ctx.env.names:
        ctx.say(at, "EXPR003", N_("'{name}' is a field of the record outside, not of the counted one"),
                N_("write 'this.{name}'"), name=name)  # fmt: skip
    elif name in _SPELLINGS:
        ctx.say(at, "EXPR003", N_("the name '{name}' is not known here"), N_("write {meant}"),
                name=name, meant=_SPELLINGS[name])  # fmt: skip
    elif name in _ELSEWHERE:
        ctx.say(at, "EXPR012", N_("'{name}' cannot be used here"), _ELSEWHERE[name], name=name)
    else:
        hint, params = unknown_name_hint(name, known_names(ctx))
        ctx.say(at, "EXPR003", N_("the name '{name}' is not known here"), hint, name=name, **params)
