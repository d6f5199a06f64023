"""What every declaration has in common, and the small scalar types of the language."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr, StringConstraints, model_validator
from pydantic import Field as Key
from pydantic.functional_validators import ModelWrapValidatorHandler

from app.source import Span
from app.source.raw import NOWHERE, Place, RawMapping, place_at, step

UNWRITTEN = RawMapping({}, NOWHERE)
"""What a declaration made in code stands on: nothing, nowhere."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)]
"""A name in snake_case, at most 48 characters; it becomes a table, column, permission or URL name."""

Reference = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)
]
"""The name of another declaration, short (`finding`) or in full (`common.finding`)."""


class ExpressionMark:
    """Marks a text as an expression; `want` names the type of value it must give."""

    __slots__ = ("want",)

    def __init__(self, want: Literal["condition", "any"]) -> None:
        self.want = want

    def __repr__(self) -> str:
        return f"ExpressionMark({self.want!r})"


Condition = Annotated[str, StringConstraints(min_length=1), ExpressionMark("condition")]
Formula = Annotated[str, StringConstraints(min_length=1), ExpressionMark("any")]


def _switch(value: Any) -> Any:
    """`true`, `no` … read as yes or no; any other text is an expression."""
    if isinstance(value, str):
        return {"true": True, "yes": True, "false": False, "no": False}.get(value.strip().lower(), value)
    return value


def _many(value: Any) -> Any:
    """One thing may be written where a list is allowed."""
    return [value] if value is not None and not isinstance(value, (list, tuple)) else value


Switch = Annotated[bool | Condition, BeforeValidator(_switch)]
"""`true`, `false` or a condition."""

Item = TypeVar("Item")
Many = Annotated[tuple[Item, ...], BeforeValidator(_many)]
"""A list, or one element written alone."""


def takes_one_alone(marks: tuple[Any, ...]) -> bool:
    """Whether the metadata of a list say that one element may be written without brackets."""
    return any(isinstance(mark, BeforeValidator) and mark.func is _many for mark in marks)


Template = Annotated[str, StringConstraints(min_length=1)]
Tone = Literal["neutral", "info", "success", "warning", "danger"]


Number = Annotated[Decimal, Key(max_digits=18, decimal_places=6)]
"""A decimal number; bounded, so that no figure of a file can overflow what is computed from it."""


def rewritten(data: Any, key: str, value: Any) -> Any:
    """A copy of a mapping with one value replaced, its places kept."""
    changed = {**data, key: value}
    return RawMapping(changed, data.place) if isinstance(data, RawMapping) else changed


def spelled_out(values: Any, key: str) -> Any:
    """A copy of the mapping `values` where each bare value is written out as `{key: value}`."""
    if not isinstance(values, dict):
        return values
    full = {}
    for name, value in values.items():
        if value is not None and not isinstance(value, str):
            full[name] = value
        elif isinstance(values, RawMapping):
            span = values.place.value(name)
            full[name] = RawMapping({key: value}, Place(span, {key: span}, {key: span}))
        else:
            full[name] = {key: value}
    return RawMapping(full, values.place) if isinstance(values, RawMapping) else full


class Strict(BaseModel):
    """A frozen piece of the specification that remembers where it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=True)
    # A factory, because pydantic copies a plain default for every instance.
    _raw: RawMapping = PrivateAttr(default_factory=lambda: UNWRITTEN)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_place(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(data)
        if isinstance(data, RawMapping):
            made._private["_raw"] = data
        return made

    @property
    def _private(self) -> dict[str, Any]:
        """Where pydantic keeps what is no field; going through its attributes costs ten times as much."""
        kept = self.__pydantic_private__
        assert kept is not None
        return kept

    def __eq__(self, other: object) -> bool:
        """Equal meaning is equal, wherever it was written."""
        return type(self) is type(other) and self.__dict__ == other.__dict__

    @property
    def place(self) -> Place:
        return self.written.place

    @property
    def span(self) -> Span:
        return self.written.place.span

    def span_of(self, key: str) -> Span:
        """Place of the value written under `key` (the YAML word)."""
        return self.written.place.value(key)

    def span_at(self, *path: str | int) -> Span:
        """Place of the value that keys and indexes lead to, e.g. `span_at("form", 0, "fields", 2)`."""
        return place_at(self.written, path)

    def key_at(self, *path: str | int) -> Span:
        """Place of the last key of `path`, where the value's own place would be too wide."""
        return place_at(self.written, path, of_key=True)

    def written_at(self, *path: str | int) -> object:
        """What was written there: a text, RawMapping, RawList, or None."""
        value: object = self.written
        for part in path:
            value = step(value, part)
        return value

    @property
    def written(self) -> RawMapping:
        """Everything that was written, bases included."""
        found: RawMapping = self.__pydantic_private__["_raw"]  # type: ignore[index]  # set since it was made
        return found

    def wrote(self, key: str) -> bool:
        """Whether `key` (the YAML word) is written, with whatever value."""
        return key in self.written


class Declaration(Strict):
    """Keys that every declaration may carry."""

    title: str = ""
    help: str = ""
    note: str = ""
    source: str = ""
    was: Identifier | None = None


class Named(Declaration):
    """A declaration with a name of its own in a regime (`regime` is empty for shared ones)."""

    section: ClassVar[str] = ""
    extends: Reference | None = None
    drop: tuple[str, ...] = ()
    _name: str = PrivateAttr(default="")
    _regime: str = PrivateAttr(default="")

    def named(self, name: str, regime: str) -> Self:
        """Give the declaration its name; called once while the Portal is put together."""
        self._name, self._regime = name, regime
        return self

    @property
    def name(self) -> str:
        found: str = self._private["_name"]
        return found

    @property
    def regime(self) -> str:
        found: str = self._private["_regime"]
        return found

    @property
    def full_name(self) -> str:
        regime = self.regime
        return f"{regime}.{self.name}" if regime else self.name

    @property
    def label(self) -> str:
        """The words to show: the title, or the bare name where no title is written."""
        return self.title or self.name
