"""What must never be written: recognised by name, by type and by shape, and remembered where it was once
recognised."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

SECRET_NAME = re.compile(
    r"passw|passphrase|adminpass|secret|token|credential|user_?data|api_?key|private|priv_key|key_?(data|material|pair)|"
    r"public_key|cert|signature|cookie|session_id|fernet|salt|nonce|otp|auth(?!or)|connection_(str|url|uri)|"
    r"transport_url|db_url|(sql|database|slave)_connection|injected_file|personality|\bpwd?\b|\bpw\b",
    re.IGNORECASE,
)
"""Names of arguments, functions' results and dictionary keys whose values are withheld."""

SECRET_ITSELF = re.compile(
    r"passw|passphrase|adminpass|secret|token|credential|user_?data|private_?key|fernet|x-auth|injected_file|personality",
    re.IGNORECASE,
)
"""Of the secret names, those whose values are remembered: the others also name things that are shown
elsewhere."""

SECRET_TYPE = re.compile(r"secret|password|token|credential|privatekey|fernet|keypair", re.IGNORECASE)

SECRET_SHAPE = re.compile(
    r"gAAAA[\w-]{8}"  # a Fernet token
    r"|-----BEGIN"  # PEM
    r"|\bssh-(rsa|dss|ed25519) |\becdsa-sha2-"
    r"|\w[\w+.-]*://[^/\s@]*:[^/\s@]*@"  # an address with a user's password in it
    r"|\beyJ[\w-]{6,}\.[\w-]{6,}"  # a JSON web token
    r"|\b(Bearer|Basic|Digest) [\w+/=.~-]{6}"
    r"|\$(1|2[abxy]?|5|6|y|argon2\w*|scrypt)\$"  # a password hash
    r"|(passw(or)?d|secret|token|adminpass|user_?data)[\"']?\s*[=:]"
    r"|[A-Za-z0-9+/_-]{64}",  # long and without a break: a key, or data somebody passed in
    re.IGNORECASE,
)

UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\Z", re.IGNORECASE)

REMEMBER_FROM = 5
"""Shorter texts than this many characters are withheld where their name is secret, but not recognised
elsewhere."""

REMEMBER_AT_MOST = 256
WORD = re.compile(r"[a-z_.:-]{1,12}\Z")
"""Texts like this are recognised only when they stand alone, lest every text with that word in it be
withheld."""
SCAN_AT_MOST = 64
SCAN_DEPTH = 4
REMEMBER_BYTES_TO = 65536
SAFE_AT_MOST = 20_000
CONTAINERS = (dict, list, tuple)
COMMONPLACE = ("false", "true", "password", "v3password", "token", "admin")
"""Values that say nothing a secret could say."""


class Masker:
    """Decides what is withheld, and keeps the secrets it met so that they are withheld under other names
    too."""

    def __init__(self) -> None:
        self._secrets: dict[str, None] = {}
        self._parts: tuple[str, ...] = ()
        self._safe: set[str] = set()
        self._names: dict[str, bool] = {}

    def secret_name(self, name: str) -> bool:
        """Whether what is called ``name`` is withheld."""
        known = self._names.get(name)
        if known is None:
            known = SECRET_NAME.search(name) is not None
            if len(self._names) < SAFE_AT_MOST:
                self._names[name] = known
        return known

    def __contains__(self, text: str) -> bool:
        return text in self._secrets

    def secret_text(self, text: str) -> bool:
        """Whether ``text`` looks like a secret, or is or contains one met before."""
        if text in self._safe:
            return False
        if text in self._secrets or any(secret in text for secret in self._parts):
            return True
        if SECRET_SHAPE.search(text) is not None:
            return True
        if len(self._safe) >= SAFE_AT_MOST:
            self._safe = set()
        self._safe.add(text)
        return False

    def remember(self, name: str, value: object, depth: int = 0) -> None:
        """Note the texts in ``value``, which stands under the secret ``name``."""
        if depth == 0 and SECRET_ITSELF.search(name) is None:
            return
        if type(value) is str:
            self._remember_text(value)
        elif type(value) is bytes:
            if len(value) <= REMEMBER_BYTES_TO:
                self._remember_text(value.decode("utf-8", "replace"))
        elif depth < SCAN_DEPTH:
            if type(value) is dict:
                for item in _some(value.values()):
                    self.remember(name, item, depth + 1)
            elif type(value) is list or type(value) is tuple:
                for item in _some(value):
                    self.remember(name, item, depth + 1)

    def scan(self, value: object, depth: int = 0) -> None:
        """Look in containers for texts under secret keys, and note them."""
        if depth >= SCAN_DEPTH:
            return
        if type(value) is dict:
            for pair in _some(value.items()):
                key, item = pair
                if type(key) is str and self.secret_name(key):
                    self.remember(key, item)
                elif type(item) in CONTAINERS:
                    self.scan(item, depth + 1)
        elif type(value) is list or type(value) is tuple:
            for item in _some(value):
                if type(item) in CONTAINERS:
                    self.scan(item, depth + 1)

    def _remember_text(self, text: str) -> None:
        if (
            len(text) < REMEMBER_FROM
            or text in self._secrets
            or text.isdigit()
            or text.lower() in COMMONPLACE
        ):
            return
        if len(self._secrets) >= REMEMBER_AT_MOST:
            self._secrets.pop(next(iter(self._secrets)), None)
        self._secrets[text] = None
        self._parts = tuple(secret for secret in tuple(self._secrets) if WORD.match(secret) is None)
        self._safe = set()


def _some(items: Iterable[Any]) -> list[Any]:
    """The first of ``items``; none when another thread is changing them."""
    try:
        return list(islice(items, SCAN_AT_MOST))
    except RuntimeError:
        return []
