"""Electronic mail: the server from the environment, and one message sent."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from urllib.parse import urlsplit

from app.source import N_, PortalError, Translate, untranslated

SECONDS = 20
"""How long a server is waited for."""
_PORTS = {"none": 25, "starttls": 587, "ssl": 465}


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server. security: starttls, ssl or none; sender: the address that mail comes from; portal: the
    address under which people reach the portal, for links in mail (empty: no links)."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "starttls"
    sender: str = ""
    sender_name: str = ""
    portal: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. key: the same letter sent twice carries the same Message-ID, so that mail programs can
    drop the second."""

    to: str
    subject: str
    text: str
    key: str


class BadMailSettings(PortalError):
    """The settings in the environment cannot be used."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value
        super().__init__(self.message())

    def message(self, translate: Translate = untranslated) -> str:
        text = translate(N_("{name}={value} cannot be used"))
        return text.format(name=self.name, value=self.value)


def mail_settings(environment: Mapping[str, str], sender_name: str = "") -> MailSettings | None:
    """From SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PASSWORD, SMTP_SECURITY (starttls, ssl, none), MAIL_FROM and
    PORTAL_URL; None where no server is named. Raises BadMailSettings."""
    host = environment.get("SMTP_HOST", "").strip()
    if not host:
        return None
    security = environment.get("SMTP_SECURITY", "starttls").strip().lower()
    if security not in _PORTS:
        raise BadMailSettings("SMTP_SECURITY", security)
    port = environment.get("SMTP_PORT", "").strip() or str(_PORTS[security])
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadMailSettings("SMTP_PORT", port)
    user = environment.get("SMTP_USER", "").strip()
    sender = environment.get("MAIL_FROM", "").strip() or user
    if "@" not in sender or any(sign in sender for sign in "\r\n"):
        raise BadMailSettings("MAIL_FROM", sender)
    return MailSettings(
        host=host,
        port=int(port),
        user=user,
        password=environment.get("SMTP_PASSWORD", ""),
        security=security,
        sender=sender,
        sender_name=sender_name,
        portal=environment.get("PORTAL_URL", "").strip().rstrip("/"),
    )


def compose(settings: MailSettings, letter: Letter) -> EmailMessage:
    """The letter as it goes over the wire."""
    made = EmailMessage()
    made["From"] = formataddr((settings.sender_name, settings.sender))
    made["To"] = letter.to
    made["Subject"] = " ".join(letter.subject.split())
    made["Date"] = formatdate()
    made["Auto-Submitted"] = "auto-generated"
    domain = urlsplit(settings.portal).hostname or settings.sender.rpartition("@")[2]
    made["Message-ID"] = f"<{letter.key.replace(':', '.')}@{domain}>"
    made.set_content(letter.text)
    return made


def send(settings: MailSettings, letter: Letter) -> None:
    """Send one letter. Raises OSError and smtplib.SMTPException as they come."""
    context = ssl.create_default_context()
    if settings.security == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=SECONDS)
    with server:
        if settings.security == "starttls":
            server.starttls(context=context)
        if settings.user:
            server.login(settings.user, settings.password)
        server.send_message(compose(settings, letter))
