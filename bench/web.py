"""Side by side over HTTP: Ducha, Flask-AppBuilder, Flask-Admin and Django admin on the same 1,000,000 rows.

    python -m bench.web sqlite          (a file under bench/.work)
    python -m bench.web postgresql://…  (an empty database of your own)

Two gunicorn workers each, logged in, permissions on; wrk sends two requests at a time; the systems take turns
in every round; medians of the rounds. Needs wrk, and `pip install -r bench/requirements.txt`.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench import load
from bench.browser import FORM, Browser, forms_of
from bench.places import WORK
from bench.results import table, write_section

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
FEWEST = 4  # answers in a round: with fewer, a slow system is measured by luck
LONGEST = 40  # seconds
MIDDLE = 500_000


@dataclass(frozen=True)
class System:
    """One competitor: how it is started, and the address of each operation."""

    name: str
    module: str
    port: int
    login: str
    pages: dict[str, str]
    account: str = "bench"
    env: dict[str, str] = field(default_factory=dict)


SYSTEMS = (
    System("Ducha", "bench.ducha_app:application", 8791, "/login/", {
        "list, first page": "/r/bench.orders/list/",
        "list, page 40,000": "/r/bench.orders/list/?page=40000",
        "list, filtered": "/r/bench.orders/list/?status=open",
        "text search": "/r/bench.orders/list/?q=item+12345",
        "edit form": f"/r/bench.orders/edit/{MIDDLE}",
        "REST list of 25": "/api/v1/bench.orders/",
    }),
    System("Flask-AppBuilder", "bench.peers.stock_fab:application", 8792, "/login/", {
        "list, first page": "/orders/list/",
        "list, page 40,000": "/orders/list/?page_OrdersView=39999",
        "list, filtered": "/orders/list/?_flt_3_status=open",
        "text search": "/orders/list/?_flt_2_title=item+12345",
        "edit form": f"/orders/edit/{MIDDLE}",
        "REST list of 25": "/api/v1/orders/",
    }, account="peer"),
    System("Flask-Admin", "bench.peers.stock_flask_admin:application", 8793, "/login/", {
        "list, first page": "/admin/orders/",
        "list, page 40,000": "/admin/orders/?page=39999",
        "list, filtered": "/admin/orders/?flt1_0=open",
        "text search": "/admin/orders/?search=item+12345",
        "edit form": f"/admin/orders/edit/?id={MIDDLE}",
    }),
    System("Django admin", "bench.peers.django_peer.wsgi:application", 8794, "/admin/login/", {
        "list, first page": "/admin/peer/orders/",
        "list, page 40,000": "/admin/peer/orders/?p=40000",
        "list, filtered": "/admin/peer/orders/?status__exact=open",
        "text search": "/admin/peer/orders/?q=item+12345",
        "edit form": f"/admin/peer/orders/{MIDDLE}/change/",
        "REST list of 25": "/api/orders/",
    }),
)  # fmt: skip
GOALS = {
    "list, first page": 4,
    "list, page 40,000": 12,
    "list, filtered": 12,
    "text search": 30,
    "edit form": 6,
    "save": 1,
    "REST list of 25": 6,
}


@contextmanager
def serving(system: System, url: str) -> Iterator[Browser]:
    """The system behind two gunicorn workers, a visitor logged in."""
    env = os.environ | {"BENCH_DATABASE": url, "PYTHONWARNINGS": "ignore"} | system.env
    log = (WORK / f"{system.port}.log").open("w")
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-w",
        "2",
        "-b",
        f"127.0.0.1:{system.port}",
        "--log-level",
        "error",
        system.module,
    ]
    process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        browser = Browser(system.port)
        for _ in range(150):
            try:
                browser.ask("GET", system.login)
                break
            except OSError:
                time.sleep(0.2)
        browser.sign_in(system.login, system.account, "bench-password")
        yield browser
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def wrk(browser: Browser, path: str, body: str | None = None) -> tuple[float, int]:
    """Requests a second, and how many answers were errors; with too few answers, of a longer round."""
    lines = [f"wrk.headers[{key!r}]={value!r}" for key, value in browser.headers.items()]
    if body is not None:
        lines += [
            'wrk.method="POST"',
            f"wrk.headers['Content-Type']={FORM['Content-Type']!r}",
            f"wrk.body=[==[{body}]==]",
        ]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("\n".join(lines))
        script.flush()
        seconds = SECONDS
        while True:
            out = _one_round(script.name, f"http://127.0.0.1:{browser.port}{path}", seconds)
            answered = re.search(r"(\d+) requests in", out)
            if (answered and int(answered[1]) >= FEWEST) or seconds >= LONGEST:
                break
            seconds *= 4
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return float(rate[1]) if rate else 0.0, int(bad[1]) if bad else 0


def _one_round(script: str, address: str, seconds: int) -> str:
    command = ["wrk", "-t1", "-c2", f"-d{seconds}s", "--timeout", "120s", "-s", script, address]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def save_body(page: str) -> str:
    """What pressing the save button of the edit form sends."""
    wanted = max(forms_of(page), key=lambda form: len(form[1]))
    pairs = [(key, value) for key, value in wanted[1] if key not in ("_addanother", "_continue")]
    return urllib.parse.urlencode(pairs)


def measure(browsers: dict[str, Browser]) -> dict[str, dict[str, list[float]]]:
    """operation -> system -> requests a second of each round; the systems take turns."""
    rates: dict[str, dict[str, list[float]]] = {}
    for operation in (*SYSTEMS[0].pages, "save"):
        asked: dict[str, tuple[str, str | None]] = {}
        for system in SYSTEMS:
            path = system.pages.get("edit form" if operation == "save" else operation)
            if path is None:
                continue
            status, page = browsers[system.name].ask("GET", path)
            if status != 200:
                raise RuntimeError(f"{system.name}, {operation}: {status} {page[:200]}")
            asked[system.name] = (path, save_body(page) if operation == "save" else None)
            if operation == "save":
                status, page = browsers[system.name].ask("POST", path, asked[system.name][1], FORM)
                if status not in (302, 303):
                    raise RuntimeError(f"{system.name}, save: {status} {page[:2000]}")
        for name, (path, body) in asked.items():
            wrk(browsers[name], path, body)  # to warm up: templates, statements, caches of both workers
        for _round in range(ROUNDS):
            for name, (path, body) in asked.items():
                rate, bad = wrk(browsers[name], path, body)
                if bad:
                    raise RuntimeError(f"{name}, {operation}: {bad} bad answers")
                rates.setdefault(operation, {}).setdefault(name, []).append(rate)
        print(
            operation,
            {name: round(statistics.median(found), 1) for name, found in rates[operation].items()},
            flush=True,
        )
    return rates


def report(kind: str, rates: dict[str, dict[str, list[float]]]) -> str:
    rows = []
    for operation, found in rates.items():
        middle = {name: statistics.median(values) for name, values in found.items()}
        best = max(value for name, value in middle.items() if name != "Ducha")
        goal = GOALS[operation]
        cells = [f"{middle[s.name]:.1f}" if s.name in middle else "–" for s in SYSTEMS]
        peer = middle.get("Flask-AppBuilder", best) if operation == "REST list of 25" else best
        rows.append((operation, *cells, f"{middle['Ducha'] / peer:.1f}", f"{goal}"))
    head = ("operation (requests/s)", *(s.name for s in SYSTEMS), "ratio to the best peer", "goal")
    notes = (
        f"Medians of {ROUNDS} rounds of {SECONDS} s. REST is compared with Flask-AppBuilder's. Ducha's save "
        "writes its audit entry in the same transaction; the peers' saves write none (Django a log row). "
        "Ducha's text search has a trigram index that the others lack; its counts are cached for some "
        "seconds and stop at 10,000."
    )
    return table(head, rows) + "\n\n" + notes


def main() -> None:
    target = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    WORK.mkdir(exist_ok=True)
    url = f"sqlite:///{WORK / 'bench.db'}" if target == "sqlite" else target
    kind = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    load.prepare(url)
    with ExitStack() as stack:
        browsers = {system.name: stack.enter_context(serving(system, url)) for system in SYSTEMS}
        rates = measure(browsers)
    write_section(
        f"Pages and API over 1,000,000 rows, {kind}",
        f"python -m bench.web {'sqlite' if kind == 'SQLite' else 'postgresql+psycopg://…'}",
        report(kind, rates),
    )


if __name__ == "__main__":
    main()
