"""A process that serves without a socket, started as `run.py` starts one: for `bench.releases`."""

from __future__ import annotations

import json
import time

from app.source import collector_paused

POLL = 0.01

with collector_paused():
    from app.web.context import EXTENSION
    from app.web.wsgi import make_application


def serve() -> None:
    """Tell each release that goes into service: `[number, time]`."""
    outer, told = make_application(), 0
    while True:
        number = outer.app.extensions[EXTENSION].release.number
        if number != told:
            told = number
            print(json.dumps([number, time.time()]), flush=True)
        time.sleep(POLL)


if __name__ == "__main__":
    serve()
