"""A small browser for the side-by-side runs: cookies, log-in, and what a form would send."""

from __future__ import annotations

import http.client
import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class _Forms(HTMLParser):
    """Collects, for each form of a page, the name-value pairs that a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[dict[str, str | None], list[tuple[str, str]]]] = []
        self._select: str | None = None
        self._area: str | None = None
        self._template = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "template":
            self._template += 1
        if tag == "form":
            self.forms.append((a, []))
        if not self.forms or self._template:
            return
        pairs, name = self.forms[-1][1], a.get("name") or ""
        if tag == "input" and name and a.get("type") not in ("submit", "button", "file", "image"):
            if a.get("type") in ("checkbox", "radio") and "checked" not in a:
                return
            pairs.append((name, a.get("value") or ("on" if a.get("type") == "checkbox" else "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in a:
            pairs.append((self._select, a.get("value") or ""))
        elif tag == "textarea" and name:
            self._area = name
            pairs.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            pairs = self.forms[-1][1]
            pairs[-1] = (self._area, (pairs[-1][1] + data).lstrip("\r\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._template -= 1
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None


def forms_of(page: str) -> list[tuple[dict[str, str | None], list[tuple[str, str]]]]:
    parser = _Forms()
    parser.feed(page)
    return parser.forms


@dataclass
class Browser:
    """One visitor of one server on the loopback."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookie, "Referer": f"http://127.0.0.1:{self.port}/", "Accept-Language": "en"}

    def ask(
        self, method: str, path: str, body: str | None = None, more: dict[str, str] | None = None
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=180)
        connection.request(method, path, body, {**self.headers, **(more or {})})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        connection.close()
        return answer.status, text

    def sign_in(self, path: str, name: str, password: str) -> None:
        _status, page = self.ask("GET", path)
        pairs = next((pairs for _attrs, pairs in forms_of(page) if any(key != "q" for key, _ in pairs)), [])
        sent = [(k, v) for k, v in pairs if k not in ("username", "password")]
        sent += [("username", name), ("password", password)]
        status, page = self.ask("POST", path, urllib.parse.urlencode(sent), FORM)
        if status not in (302, 303):
            raise RuntimeError(f"log-in at port {self.port} answered {status}: {page[:300]}")
