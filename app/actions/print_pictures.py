"""Photos and signatures of a record, made ready in the folder of a print when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.actions.context import Context
from app.release import RecordModel
from app.reports import ImageRejected, Photo, Signature, prepare_photo, prepare_signature
from app.source import N_
from app.storage import AttachmentInfo, Record, file_of


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored photo and the words to print below it."""

    info: AttachmentInfo
    caption: str = ""


class Albums(Mapping[str, Sequence[Photo]]):
    """Photos by name. An album is read, made small and written into `media` when a template prints it: a
    template that shows no photos costs none."""

    def __init__(self, context: Context, pictures: Mapping[str, Sequence[Picture]], media: Path) -> None:
        self._context, self._pictures, self._media = context, pictures, media
        self._made: dict[str, tuple[Photo, ...]] = {}

    def __getitem__(self, name: str) -> Sequence[Photo]:
        if name not in self._made:
            self._made[name] = tuple(self._photo(one) for one in self._pictures[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._pictures

    def __iter__(self) -> Iterator[str]:
        return iter(self._pictures)

    def __len__(self) -> int:
        return len(self._pictures)

    def _photo(self, picture: Picture) -> Photo:
        """A print does not fail over one photo; it says that it is missing."""
        file = f"{picture.info.id}.jpg"
        try:
            small = prepare_photo(file_of(self._context.instance, picture.info.path).read_bytes())
        except (ImageRejected, OSError):
            said = self._context.say(N_("(the photo cannot be read)"))
            return Photo("", f"{picture.caption} {said}".strip())
        (self._media / file).write_bytes(small)
        return Photo(file, picture.caption)


def own_pictures(
    record: RecordModel, stored: Record, hidden: frozenset[str]
) -> dict[str, tuple[Picture, ...]]:
    """The photos of each photo field; hidden fields have none."""
    return {
        one.name: ()
        if one.name in hidden
        else tuple(
            Picture(info, info.file_name.rpartition(".")[0] or info.file_name)
            for info in stored.attachments.get(one.name, ())
        )
        for one in record.of_type("photo", "photos")
    }


def signatures_of(
    context: Context, record: RecordModel, stored: Record, hidden: frozenset[str], media: Path
) -> dict[str, Signature]:
    """The drawn signature of each signature field; one that cannot be read leaves room to sign by hand."""
    found = {}
    for one in record.of_type("signature"):
        infos = () if one.name in hidden else stored.attachments.get(one.name, ())
        found[one.name] = Signature(file=_drawn(context, infos[-1], media) if infos else "")
    return found


def _drawn(context: Context, info: AttachmentInfo, media: Path) -> str:
    try:
        drawn = prepare_signature(file_of(context.instance, info.path).read_bytes())
    except (ImageRejected, OSError):
        return ""
    (media / f"{info.id}.png").write_bytes(drawn)
    return f"{info.id}.png"
