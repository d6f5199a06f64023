"""Field type of the language -> WTForms field: shows the stored value, hands on what was typed.

Fields here read nothing into what was typed: `app.actions` turns text into values and judges them, the same
for forms, the API and imports. So what a user typed can always be shown again, right or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import FileStorage
from wtforms import Field

from app.web import widgets
from app.web.durations import duration_text
from app.web.sent_numbers import sent_number, sent_numbers

Options = Callable[[], Sequence[tuple[str, str]]]


class TypedField(Field):
    """One text as typed; `data` is the text after a POST, the stored value before, None when empty."""

    widget: Any = widgets.InputWidget()
    data: Any

    def show(self, value: Any) -> str:
        """The text of a stored value, as `app.actions` reads it back."""
        return str(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = (str(valuelist[0]).strip() if valuelist else "") or None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    @property
    def given(self) -> object:
        """What actions take."""
        return self.data


class TextField(TypedField):
    """text: one line."""


class PhoneField(TypedField):
    """phone."""

    widget = widgets.InputWidget("tel", "tel")


class EmailField(TypedField):
    """email."""

    widget = widgets.InputWidget("email", "email")


class UrlField(TypedField):
    """url."""

    widget = widgets.InputWidget("url", "url")


class LongTextField(TypedField):
    """long_text: several lines."""

    widget = widgets.AreaWidget()


class IntegerField(TypedField):
    """integer."""

    widget = widgets.InputWidget("text", "numeric")


class DecimalField(TypedField):
    """decimal, money, percent."""

    widget = widgets.InputWidget("text", "decimal")

    def show(self, value: Any) -> str:
        return f"{value:f}"


class RatingField(TypedField):
    """rating: one of the whole numbers from `lowest` to `best`."""

    widget = widgets.RatingWidget()

    def __init__(self, *args: Any, lowest: int = 1, best: int = 5, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lowest, self.best = lowest, best


class BooleanField(TypedField):
    """boolean: an unticked box in a form that was sent says no."""

    widget = widgets.SwitchWidget()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = bool(valuelist) and str(valuelist[-1]).lower() not in ("", "0", "false", "no", "off")


class DateField(TypedField):
    """date."""

    widget = widgets.InputWidget("date")


class TimeField(TypedField):
    """time."""

    widget = widgets.InputWidget("time")

    def show(self, value: time) -> str:
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")


class DateTimeField(TypedField):
    """datetime: typed and shown on the portal's clock."""

    widget = widgets.InputWidget("datetime-local", step="any")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def show(self, value: datetime) -> str:
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        # A browser shows nothing at all where it finds more than three decimals.
        exact = "milliseconds" if local.microsecond else "seconds" if local.second else "minutes"
        return local.isoformat(timespec=exact)

    @property
    def given(self) -> object:
        """A text left as it was stands for the stored moment, which may be finer than the browser shows."""
        stored = self.object_data
        aware = isinstance(stored, datetime) and stored.tzinfo is not None
        return stored if aware and self.data == self.show(stored) else self.data


class MonthField(TypedField):
    """month: kept as its first day."""

    widget = widgets.InputWidget("month")

    def show(self, value: date) -> str:
        return value.isoformat()[:7]


class DurationField(TypedField):
    """duration: hours and minutes, `1:30`."""

    widget = widgets.InputWidget("text")

    def show(self, value: timedelta) -> str:
        return duration_text(value)


class LocationField(TypedField):
    """location: latitude and longitude in degrees."""

    widget = widgets.LocationWidget()

    def show(self, value: Mapping[str, float]) -> str:
        return f"{value['lat']:.6f},{value['lon']:.6f}"


class ChoiceField(TypedField):
    """choice."""

    widget = widgets.SelectWidget()

    def __init__(self, *args: Any, options: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = options


class ChoicesField(TypedField):
    """choices: several options."""

    widget = widgets.CheckGroupWidget()

    def __init__(self, *args: Any, options: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = options

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = tuple(str(value) for value in valuelist if value)


class PickField(TypedField):
    """person, unit, link: one record. `chosen` is what to show, `found` what a search without scripts
    brought."""

    widget = widgets.PickWidget()

    def __init__(self, *args: Any, pick_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pick_url = pick_url
        self.chosen: list[tuple[int, str]] = []
        self.found: list[tuple[int, str]] = []

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        number = sent_number(text)
        self.data = (text or None) if number is None else number

    @property
    def ids(self) -> tuple[int, ...]:
        return (self.data,) if isinstance(self.data, int) else ()


class PicksField(PickField):
    """links: several records."""

    widget = widgets.PickWidget(multiple=True)

    def process_formdata(self, valuelist: list[Any]) -> None:
        texts = dict.fromkeys(str(value).strip() for value in valuelist if value)
        numbers = ((text, sent_number(text)) for text in texts)
        self.data = tuple(text if number is None else number for text, number in numbers)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(key for key in self.data or () if isinstance(key, int))


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A stored file that the form shows; `key` is its attachment's id."""

    key: int
    name: str
    href: str = ""
    thumbnail: str = ""


@dataclass(slots=True)
class Upload:
    """What a file field was given: new files, ids that stay, ids to drop."""

    files: list[FileStorage] = field(default_factory=list)
    kept: tuple[int, ...] = ()
    drop: frozenset[int] = frozenset()

    @property
    def ids(self) -> tuple[int, ...]:
        """The stored files that stay."""
        return tuple(key for key in self.kept if key not in self.drop)


class UploadField(TypedField):
    """file, files, photo, photos. The form itself carries the ids of the files kept so far, so that files
    sent with an attempt that failed are still there in the next one."""

    widget: Any = widgets.UploadWidget()

    def __init__(
        self, *args: Any, multiple: bool = False, photo: bool = False, accept: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.multiple, self.photo, self.accept = multiple, photo, accept
        self.shelf: list[KeptFile] = []

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors, self.errors, self.raw_data = [], (), []
        if formdata is None:
            stored = data if isinstance(data, (tuple, list)) else ()
            self.data = Upload(kept=tuple(stored))
            return
        self.data = Upload(
            files=[
                file
                for file in formdata.getlist(self.name)
                if isinstance(file, FileStorage) and file.filename
            ],
            kept=_ids(formdata.getlist(f"{self.name}.kept")),
            drop=frozenset(_ids(formdata.getlist(f"{self.name}.drop"))),
        )

    @property
    def given(self) -> object:
        return self.data.ids


class SignatureField(UploadField):
    """signature: drawn on a pad, sent as a PNG data address."""

    widget = widgets.SignatureWidget()

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(formdata, data, extra_filters)
        drawn = formdata.get(self.name) if formdata is not None else None
        self.drawn = drawn if isinstance(drawn, str) else ""

    def _value(self) -> str:
        return self.drawn


def _ids(texts: Sequence[Any]) -> tuple[int, ...]:
    return tuple(sent_numbers(texts))
