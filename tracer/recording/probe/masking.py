"""What must never be written: recognised by name, by type and by shape, and remembered where it was once
recognised."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from itertools import islice
from typing import Any

from .mask_file import MaskRules

SECRET_NAME = re.compile(
    r"passw|passphrase|adminpass|secret|token|credential|user_?data|api_?key|private|priv_key|key_?(data|material|pair)|"
    r"public_key|cert|signature|cookie|session_id|fernet|salt|nonce|otp|auth(?!ors?(?:\b|_))|connection_(str|url|uri)|"
    r"transport_url|db_url|(sql|database|slave)_connection|injected_file|personality|\bcontents?\Z|\bpwd?\b|\bpw\b",
    re.IGNORECASE,
)
"""Names of arguments, functions' results and dictionary keys whose values are withheld."""

SECRET_ITSELF = re.compile(
    r"passw|passphrase|adminpass|secret|token|credential|user_?data|private_?key|fernet|x-auth|\bcontents?\Z",
    re.IGNORECASE,
)
"""Of the secret names, those whose values are remembered: the others also name things that are shown
elsewhere."""

SECRET_TYPE = re.compile(r"secret|password|token|credential|privatekey|fernet|keypair", re.IGNORECASE)

_NAMED = ("passw", "secret", "token", "adminpass", "user_data", "userdata")

SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (("gaaaa",), re.compile(r"gAAAA")),  # a Fernet token
    (("-----begin",), re.compile(r"-----BEGIN")),  # PEM
    (("ssh-",), re.compile(r"\bssh-(rsa|dss|ed25519) ")),
    (("ecdsa-",), re.compile(r"\becdsa-sha2-")),
    (("://",), re.compile(r"://[^/\s@]*:[^/\s@]*@")),  # an address with a user's password in it
    (("eyj",), re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}")),  # a JSON web token
    (
        ("bearer ", "basic ", "digest "),
        re.compile(r"\b(Bearer|Basic|Digest) [\w+/=.~-]{6}", re.IGNORECASE),
    ),
    (("$",), re.compile(r"\$(1|2[abxy]?|5|6|y|argon2\w*|scrypt)\$")),  # a password hash
    (
        _NAMED,
        re.compile(r"(passw(or)?d|secret|token|adminpass|user_?data)[\"']?\s*[=:]", re.IGNORECASE),
    ),
)
"""What secrets look like, each after the signs (in lower case) without one of which it cannot be there:
looking for those is cheap."""

SIGNS = tuple(dict.fromkeys(sign for signs, _ in SHAPES for sign in signs))

LONG_RUN_FROM = 64
RUN_LETTERS = string.ascii_letters + string.digits + "+/_-"
LONG_RUN = re.compile(f"[{re.escape(RUN_LETTERS)}]{{{LONG_RUN_FROM}}}")
"""Long and without a break: a key, or data that somebody passed in."""

PATH = re.compile(r"/[a-z]{2,12}(?:/[\w.@:-]{1,40}){2,}/?\Z")
"""A path of files looks like such a run, but its parts are short."""

UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\Z", re.IGNORECASE)

REMEMBER_FROM = 5
"""Shorter texts than this many characters are withheld where their name is secret, but not recognised
elsewhere."""

REMEMBER_AT_MOST = 64
WORD = re.compile(r"[a-z_.:-]{1,12}\Z")
"""Texts like this are recognised only when they stand alone, lest every text with that word in it be
withheld."""
SCAN_AT_MOST = 100
LOOK_INSIDE_UP_TO = 20
"""Of larger dictionaries, such as a WSGI environment, what is nested in them is not looked into."""

REMEMBER_BYTES_TO = 65536
NAMES_AT_MOST = 20_000
CONTAINERS = frozenset(id(kind) for kind in (dict, list, tuple))
"""By identity: a class may bring its own idea of equality."""

COMMONPLACE = ("false", "true", "password", "v3password", "token", "admin")
"""Values that say nothing a secret could say."""


class Masker:
    """Decides what is withheld, and keeps the secrets it met so that they are withheld under other names too.

    Attributes:
        names: names met, with whether they are secret.
        remembered: secret names met, with whether what they name is to be recognised elsewhere, texts
        from `remember_from` characters on.
        secrets: the secrets met, and `parts` those of them that are recognised inside of other texts.
        run_from: as many of the `run_letters` in a row look like a secret.
        signs: without one of which, and without such a run, a text has no secret's shape; None where that
            cannot be said.
        looked_at: texts with what was found of them; one in which a secret is recognised later is taken out
            again.
    """

    def __init__(self, more: MaskRules | None = None) -> None:
        self._more = more or MaskRules()
        self.run_from = LONG_RUN_FROM
        self.run_letters = RUN_LETTERS
        self.signs = SIGNS if self._more.shapes is None else None
        self.looked_at: dict[str, Any] = {}
        self.secrets: dict[str, None] = {}
        self.parts: tuple[str, ...] = ()
        self.names: dict[str, bool] = {}
        self.remembered: dict[str, bool] = {}
        self.remember_from = REMEMBER_FROM

    def secret_name(self, name: str) -> bool:
        """Whether what is called ``name`` is withheld."""
        known = self.names.get(name)
        if known is None:
            known = SECRET_NAME.search(name) is not None or self._added_name(name)
            if len(self.names) < NAMES_AT_MOST:
                self.names[name] = known
        return known

    def _added_name(self, name: str) -> bool:
        names = self._more.names
        return names is not None and names.search(name) is not None

    def secret_type(self, name: str) -> bool:
        """Whether objects of a type called ``name`` are withheld."""
        types = self._more.types
        return SECRET_TYPE.search(name) is not None or (types is not None and types.search(name) is not None)

    def withheld_id(self, text: str) -> bool:
        """Whether ``text``, which is shaped as an id, is a secret all the same."""
        shapes = self._more.shapes
        return text in self.secrets or (shapes is not None and shapes.search(text) is not None)

    def secret_text(self, text: str) -> bool:
        """Whether ``text`` looks like a secret, or is or contains one met before."""
        if text in self.secrets or any(secret in text for secret in self.parts):
            return True
        if len(text) >= LONG_RUN_FROM and LONG_RUN.search(text) is not None and PATH.match(text) is None:
            return True
        if self._more.shapes is not None and self._more.shapes.search(text) is not None:
            return True
        lowered = text.lower()
        return any(
            shape.search(text) is not None for signs, shape in SHAPES for sign in signs if sign in lowered
        )

    def remember(self, name: str, value: object) -> None:
        """Note ``value``, or what texts it lists, which stands under the secret ``name``."""
        remembered = self.remembered.get(name)
        if remembered is None:
            remembered = SECRET_ITSELF.search(name) is not None or self._added_name(name)
            if len(self.remembered) < NAMES_AT_MOST:
                self.remembered[name] = remembered
        if not remembered:
            return
        if type(value) is str:
            self._remember_text(value)
        elif type(value) is bytes:
            if len(value) <= REMEMBER_BYTES_TO:
                self._remember_text(value.decode("utf-8", "replace"))
        elif type(value) is list or type(value) is tuple:
            for item in value[:SCAN_AT_MOST]:
                if type(item) is str:
                    self._remember_text(item)

    def scan(self, value: object) -> None:
        """Look in the container ``value`` for texts under secret keys, nearest first, and note them."""
        waiting = [value]
        left = SCAN_AT_MOST
        secret = self.names.get
        for container in waiting:
            left -= len(container)  # type: ignore[arg-type]
            if type(container) is dict:
                inside = len(container) <= LOOK_INSIDE_UP_TO
                for key, item in _some(container.items()):
                    if type(key) is str and secret(key, True) and self.secret_name(key):
                        self.remember(key, item)
                    if inside and id(type(item)) in CONTAINERS and item:
                        waiting.append(item)
            else:
                some = container[:SCAN_AT_MOST]  # type: ignore[index]
                waiting += [item for item in some if id(type(item)) in CONTAINERS and item]
            if left <= 0:
                return

    def _remember_text(self, text: str) -> None:
        if len(text) < REMEMBER_FROM or text in self.secrets or text.isdigit() or text.lower() in COMMONPLACE:
            return
        if len(self.secrets) >= REMEMBER_AT_MOST:
            self.secrets.pop(next(iter(self.secrets)), None)
        known = (*tuple(self.secrets), text)
        self.parts = tuple(secret for secret in known if WORD.match(secret) is None)
        self.secrets[text] = None  # last: what was found harmless before is so no longer
        for looked_at in list(self.looked_at):
            if text in looked_at:
                self.looked_at.pop(looked_at, None)


def _some(items: Iterable[Any]) -> list[Any]:
    """The first of ``items``; none when another thread is changing them."""
    try:
        return list(islice(items, SCAN_AT_MOST))
    except RuntimeError:
        return []
