"""Swapping applications: no request is lost, an old one is given back when it is empty."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from flask import Flask, Response
from werkzeug.test import Client, create_environ

from app.web.dispatch import Dispatcher


def small(name: str, gate: threading.Event | None = None, inside: threading.Event | None = None) -> Flask:
    """An application that says its name; with a gate `/slow` waits for it."""
    app = Flask(name)

    @app.route("/")
    def say() -> str:
        return name

    @app.route("/slow")
    def slow() -> str:
        assert gate is not None and inside is not None
        inside.set()
        gate.wait(10)
        return name

    @app.route("/stream")
    def stream() -> Response:
        def parts() -> Iterator[str]:
            yield name
            yield name

        return Response(parts())

    return app


def said(outer: Dispatcher, path: str = "/") -> str:
    """What the portal answers now; the answer is read to its end and closed, as a server does."""
    return Client(outer).get(path, buffered=True).text


def test_new_requests_get_the_new_application() -> None:
    """From the swap on, and the old one is given back at once when nobody is in it."""
    gone: list[str] = []
    outer = Dispatcher(small("old"), drained=lambda app: gone.append(app.name))
    assert said(outer) == "old"
    outer.swap(small("new"))
    assert said(outer) == "new" and gone == ["old"] and outer.app.name == "new"


def test_a_request_under_way_finishes_on_the_old_one() -> None:
    """The old application is given back only after its last request."""
    gate, inside, gone, answers = threading.Event(), threading.Event(), [], []
    outer = Dispatcher(small("old", gate, inside), drained=lambda app: gone.append(app.name))
    thread = threading.Thread(target=lambda: answers.append(said(outer, "/slow")))
    thread.start()
    assert inside.wait(10)
    outer.swap(small("new"))
    assert gone == [] and said(outer) == "new"
    gate.set()
    thread.join(10)
    assert answers == ["old"] and gone == ["old"]


def test_an_answer_being_sent_counts_as_under_way() -> None:
    """The slot is left when the body is closed, not when the view has returned."""
    gone: list[str] = []
    outer = Dispatcher(small("old"), drained=lambda app: gone.append(app.name))
    body = outer(create_environ("/stream"), lambda *_given: lambda _part: None)
    outer.swap(small("new"))
    assert gone == []
    assert b"".join(body) == b"oldold"
    body.close()  # type: ignore[attr-defined]
    assert gone == ["old"]


def test_a_build_that_fails_leaves_the_old_one_serving() -> None:
    """The next build may succeed all the same."""
    outer = Dispatcher(small("old"))

    def broken() -> Flask:
        raise ValueError("no")

    assert isinstance(outer.swap_in_background(broken).exception(10), ValueError)
    assert said(outer) == "old"
    outer.swap_in_background(lambda: small("new")).result(10)
    assert said(outer) == "new"


def test_swaps_under_load_lose_nothing() -> None:
    """Requests from several threads during many swaps are all answered, and all old ones are given back."""
    gone: list[str] = []
    outer = Dispatcher(small("0"), drained=lambda app: gone.append(app.name))
    wrong: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            if not (answer := said(outer)).isdigit():
                wrong.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 21):
        outer.swap(small(str(number)))
    stop.set()
    for thread in threads:
        thread.join(10)
    assert wrong == [] and sorted(gone, key=int) == [str(number) for number in range(20)]
