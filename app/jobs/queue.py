"""The queue that carries jobs to workers: a SQLite file of the instance, or Redis for several hosts.

It only says what to run: what there is to do stands in the portal's own database. So nothing is lost with
the queue, and messages are plain JSON: whoever can write to it can make a worker do nothing but its ordinary
jobs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from app.source import N_, PortalError, Translate, untranslated

FILE = "queue.db"
NAME = "ducha"
TASK = "run_job"


class NoRedis(PortalError):
    """REDIS_URL is set, but the package that speaks to Redis is not installed."""

    def __init__(self) -> None:
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        return translate(N_("REDIS_URL is set, but the package 'redis' is not installed"))


class PlainMessages(Serializer):  # type: ignore[misc]
    """Messages as JSON instead of pickled objects."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps([data.id, data.name, list(data.args), data.kwargs]).encode()

    def _deserialize(self, data: bytes) -> Any:
        ident, name, args, kwargs = json.loads(data)
        return Message(str(ident), str(name), None, 0, 0, None, tuple(args), dict(kwargs))


def open_queue(instance: Path, environment: Mapping[str, str]) -> Huey:
    """The queue of an installation: in Redis where REDIS_URL names one (QUEUE_NAME keeps several
    installations apart), else in a file of the instance folder. Raises NoRedis."""
    url = environment.get("REDIS_URL", "").strip()
    name = environment.get("QUEUE_NAME", "").strip() or NAME
    options: dict[str, Any] = {"results": False, "serializer": PlainMessages()}
    if not url:
        instance.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(name, filename=str(instance / FILE), fsync=False, **options)
    if find_spec("redis") is None:
        raise NoRedis
    return RedisHuey(name, url=url, read_timeout=1, **options)
