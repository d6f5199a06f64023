"""What every key means (`meanings.yaml`): for the reference pages and for editors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from app.source import ConfigError, parse_text

FILE = "meanings.yaml"


@cache
def meanings() -> Mapping[str, Mapping[str, str]]:
    """Model -> key -> meaning; `common` holds the keys that mean the same everywhere."""
    text = files("app.spec").joinpath(FILE).read_text(encoding="utf-8")
    sources = parse_text(text, FILE)
    if sources.diagnostics:
        raise ConfigError(sources.diagnostics)
    rows = sources.files[0].raw.items()
    return {model: dict(keys) if isinstance(keys, dict) else {} for model, keys in rows}


def meaning(model: str, key: str) -> str:
    """What `key` means in a declaration of kind `model`; KeyError when nobody has said so."""
    own = meanings()[model]
    return own[key] if key in own else meanings()["common"][key]
