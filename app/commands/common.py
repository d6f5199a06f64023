"""What every command gets: the folder, the language, and how diagnostics are shown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.commands.languages import translator
from app.source import Translate


@dataclass(frozen=True)
class Session:
    """One run of the command line. `root` holds config/ and its sisters; `lang` as asked for, if it was."""

    root: Path
    lang: str | None = None
    debug: bool = False

    @cached_property
    def translate(self) -> Translate:
        """Turns the sentences of the program into the user's language."""
        asked = [self.lang, *(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))]
        return translator(next((one for one in asked if one), "en"), self.root)


def plural(count: int, one: str, many: str) -> str:
    """`1 fault`, `2 faults`."""
    return (one if count == 1 else many).format(count=count)
