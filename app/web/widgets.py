"""Form controls in Bootstrap 5 markup. Behaviour hangs on data attributes; each works without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape
from wtforms import Field


def attributes(field: Field, extra: Mapping[str, object], **own: object) -> str:
    """HTML attributes of a control: its own, those of the field, those of the call; empty ones left out."""
    merged: dict[str, Any] = {"id": field.id, "name": field.name, **own}
    merged |= dict(field.render_kw or {})
    merged |= {key: value for key, value in extra.items() if key != "class_"}
    if field.errors:
        merged["class_"] = f"{merged.get('class_', '')} is-invalid".strip()
        merged["aria-invalid"] = "true"
    described = [
        f"{field.id}-help" if merged.pop("described", False) else "",
        f"{field.id}-error" if field.errors else "",
    ]
    merged["aria-describedby"] = " ".join(part for part in described if part) or None
    return " ".join(_attribute(key, value) for key, value in merged.items() if value not in (None, False))


def _attribute(key: str, value: object) -> str:
    """`class_` is class, `data_x` and `aria_x` carry hyphens, as in WTForms; True is the bare name."""
    name = key.rstrip("_")
    if name.startswith(("data_", "aria_")):
        name = name.replace("_", "-")
    return name if value is True else f'{name}="{escape(value)}"'


class InputWidget:
    """`<input>` of one type; `mode` is the on-screen keyboard to show."""

    def __init__(self, type_: str = "text", mode: str | None = None, step: str | None = None) -> None:
        self.type, self.mode, self.step = type_, mode, step

    def __call__(self, field: Any, **extra: object) -> Markup:
        attrs = attributes(
            field,
            extra,
            type=self.type,
            class_="form-control",
            inputmode=self.mode,
            step=self.step,
            value=field._value(),
            autocomplete="off",
        )
        return Markup(f"<input {attrs}>")


class AreaWidget:
    """`<textarea>`."""

    def __call__(self, field: Any, **extra: object) -> Markup:
        attrs = attributes(field, extra, class_="form-control", rows=3)
        return Markup(f"<textarea {attrs}>\n{escape(field._value())}</textarea>")


class SwitchWidget:
    """One check box drawn as a switch; an unticked box says no."""

    def __call__(self, field: Any, **extra: object) -> Markup:
        attrs = attributes(
            field,
            extra,
            type="checkbox",
            role="switch",
            class_="form-check-input",
            value="1",
            checked=bool(field.data),
        )
        return Markup(f'<div class="form-check form-switch"><input {attrs}></div>')


def option_tag(value: object, text: object, chosen: bool, help_text: str = "") -> str:
    """One `<option>`."""
    hint = f' title="{escape(help_text)}"' if help_text else ""
    return (
        f'<option value="{escape(str(value))}"{" selected" if chosen else ""}{hint}>{escape(text)}</option>'
    )


class SelectWidget:
    """`<select>` over the few options of a choice."""

    def __call__(self, field: Any, **extra: object) -> Markup:
        attrs = attributes(field, extra, class_="form-select")
        empty = option_tag("", _("— please choose —"), field.data in (None, ""))
        options = "".join(option_tag(key, text, key == field.data) for key, text in field.options())
        return Markup(f"<select {attrs}>{empty}{options}</select>")


class CheckGroupWidget:
    """Several options of a list: a group of check boxes."""

    def __call__(self, field: Any, **extra: object) -> Markup:
        chosen = set(field.data or ())
        rows = [self._box(field, key, text, key in chosen) for key, text in field.options()]
        label = escape(str(field.label.text))
        return Markup(
            f'<div class="check-group" role="group" aria-label="{label}" id="{escape(field.id)}">'
            f"{''.join(rows)}</div>"
        )

    @staticmethod
    def _box(field: Any, key: str, text: str, checked: bool) -> str:
        disabled = " disabled" if (field.render_kw or {}).get("disabled") else ""
        ident = f"{field.id}-{key}"
        return (
            '<div class="form-check form-check-inline">'
            f'<input class="form-check-input" type="checkbox" name="{escape(field.name)}" '
            f'id="{escape(ident)}" '
            f'value="{escape(key)}"{" checked" if checked else ""}{disabled}>'
            f'<label class="form-check-label" for="{escape(ident)}">{escape(text)}</label></div>'
        )


class RatingWidget:
    """A rating: radio buttons from 1 to the best, and one for none."""

    def __call__(self, field: Any, **extra: object) -> Markup:
        values: Iterable[int] = range(field.lowest, field.best + 1)
        given = field.data if isinstance(field.data, int) else None
        boxes = [self._radio(field, value, f"{value}", value == given) for value in values]
        if not (field.render_kw or {}).get("required"):
            boxes.insert(0, self._radio(field, "", _("none"), given is None))
        label = escape(str(field.label.text))
        return Markup(
            f'<div class="rating" role="radiogroup" aria-label="{label}" id="{escape(field.id)}">'
            f"{''.join(boxes)}</div>"
        )

    @staticmethod
    def _radio(field: Any, value: object, text: str, checked: bool) -> str:
        ident = f"{field.id}-{value or 'none'}"
        return (
            '<div class="form-check form-check-inline">'
            f'<input class="form-check-input" type="radio" name="{escape(field.name)}" id="{escape(ident)}" '
            f'value="{escape(str(value))}"{" checked" if checked else ""}>'
            f'<label class="form-check-label" for="{escape(ident)}">{escape(text)}</label></div>'
        )


class PickWidget:
    """A choice among records: a select with what is chosen, that asks the server while one types.

    Without scripts a search box stands beside it; its button brings the form back with what was found.
    """

    def __init__(self, multiple: bool = False) -> None:
        self.multiple = multiple

    def __call__(self, field: Any, **extra: object) -> Markup:
        attrs = attributes(
            field,
            extra,
            class_="form-select",
            multiple=self.multiple,
            **{
                "data-pick-url": field.pick_url,
                "data-pick-placeholder": _("Type to search"),
                "data-pick-empty": _("Nothing found"),
                "data-pick-more": _("Type more to narrow it down"),
                "data-pick-failed": _("The search did not answer"),
            },
        )
        empty = "" if self.multiple else option_tag("", "", not field.chosen)
        options = "".join(option_tag(key, text, True) for key, text in field.chosen)
        options += "".join(option_tag(key, text, False) for key, text in field.found)
        return Markup(f"<select {attrs}>{empty}{options}</select>{self._plain_search(field)}")

    @staticmethod
    def _plain_search(field: Any) -> str:
        name = escape(field.name)
        return (
            '<noscript><div class="input-group mt-1">'
            f'<input class="form-control" name="{name}.search" aria-label="{escape(_("Search"))}">'
            f'<button class="btn btn-outline-secondary" name="_then" value="find:{name}" formnovalidate>'
            f"{escape(_('Search'))}</button></div></noscript>"
        )


class LocationWidget:
    """Latitude and longitude, with a button that asks the device."""

    def __call__(self, field: Any, **extra: object) -> Markup:
        attrs = attributes(
            field,
            extra,
            type="text",
            class_="form-control",
            value=field._value(),
            placeholder="31.230400,121.473700",
            inputmode="text",
        )
        return Markup(
            f'<div class="input-group"><input {attrs}>'
            '<button class="btn btn-outline-secondary" type="button" '
            f'data-locate="{escape(field.id)}"><i class="bi bi-geo-alt" aria-hidden="true"></i> '
            f"{escape(_('Here'))}</button></div>"
        )


class UploadWidget:
    """Chosen files with a preview, those already kept with a box to take each away."""

    def __call__(self, field: Any, **extra: object) -> Markup:
        kept = "".join(self._kept(field, file) for file in field.shelf)
        shelf = f'<div class="thumbs">{kept}</div>' if kept else ""
        attrs = attributes(
            field,
            extra,
            type="file",
            class_="form-control",
            multiple=field.multiple,
            accept=field.accept or None,
            **{
                "data-preview": True,
                "data-photo": field.photo,
                "data-remove-label": _("Remove"),
                "required": False,
            },
        )
        return Markup(f"{shelf}<input {attrs}>")

    @staticmethod
    def _kept(field: Any, file: Any) -> str:
        name, ident = escape(file.name), escape(f"{field.id}-drop-{file.key}")
        picture = (
            f'<img src="{escape(file.thumbnail)}" alt="{name}" loading="lazy">'
            if file.thumbnail
            else '<div class="file-icon"><i class="bi bi-file-earmark" aria-hidden="true"></i></div>'
        )
        body = f'<a href="{escape(file.href)}">{picture}</a>' if file.href else picture
        drop = (
            f'<input class="form-check-input" type="checkbox" name="{escape(field.name)}.drop" id="{ident}" '
            f'value="{file.key}"><label class="form-check-label" for="{ident}">'
            f"{escape(_('Remove'))}</label>"
        )
        held = f'<input type="hidden" name="{escape(field.name)}.kept" value="{file.key}">'
        return (
            f'<div class="thumb">{body}<div class="thumb-name">{name}</div>{held}'
            f'<div class="form-check">{drop}</div></div>'
        )


class SignatureWidget:
    """A pad to sign on; the picture travels as a PNG data address in a hidden field."""

    def __call__(self, field: Any, **extra: object) -> Markup:
        ident = escape(field.id)
        kept = "".join(
            f'<img class="signature-kept" src="{escape(file.href)}" alt="{escape(file.name)}">'
            f'<input type="hidden" name="{escape(field.name)}.kept" value="{file.key}">'
            for file in field.shelf
        )
        return Markup(
            f"{kept}"
            f'<canvas class="signature-pad" data-signature="{ident}" '
            f'aria-label="{escape(_("Sign here"))}"></canvas>'
            f'<input type="hidden" id="{ident}" name="{escape(field.name)}" value="{escape(field._value())}">'
            f'<button class="btn btn-sm btn-outline-secondary" type="button" data-signature-clear="{ident}">'
            f"{escape(_('Clear'))}</button>"
        )
