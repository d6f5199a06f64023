"""What one installation decides for its web portal, and the key that signs its sessions."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECRET_BYTES = 48


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Settings of the web portal that are no part of a release.

    instance: folder of the secret key, uploads under way and caches; root: the configuration's folder, whose
    `translations/` holds the labels' other languages; proxies: how many reverse proxies stand in front and
    may be believed about scheme, host and address; https: mark cookies Secure whatever the request's scheme;
    login_rate: attempts allowed per address (Flask-Limiter's words); limiter_storage: where attempts are
    counted (`memory://` or a Redis address); extra: further Flask settings (LDAP, OAuth: `AUTH_…`).
    """

    instance: Path
    root: Path
    secret_key: str
    proxies: int = 0
    https: bool = False
    login_rate: str = "10 per minute"
    limiter_storage: str = "memory://"
    banner: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)


def load_settings(instance: Path, root: Path, environment: Mapping[str, str]) -> WebSettings:
    """Settings from the environment (`PROXIES`, `HTTPS`, `LOGIN_RATE`, `REDIS_URL`), key from `instance`."""
    proxies = environment.get("PROXIES", "0")
    return WebSettings(
        instance=instance,
        root=root,
        secret_key=environment.get("SECRET_KEY") or secret_key(instance),
        proxies=int(proxies) if proxies.isdigit() else 0,
        https=environment.get("HTTPS", "").lower() in ("1", "true", "yes"),
        login_rate=environment.get("LOGIN_RATE", "10 per minute"),
        limiter_storage=environment.get("REDIS_URL", "memory://"),
    )


def secret_key(instance: Path) -> str:
    """The installation's key, made on first use in `instance/secret_key`, readable by its owner alone.

    Two processes that start at once agree: only one creation succeeds, the other reads its result.
    """
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / "secret_key"
    fresh = instance / f".secret_key.{os.getpid()}"
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()
