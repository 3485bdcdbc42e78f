"""XML that is handed to a library outside of Python: kept whole, but for the secrets in it."""

from __future__ import annotations

import re

from .masking import Masker

DOCUMENT_AT_MOST = 16_384
"""Characters; of a longer document only its size is kept."""

WITHHELD = "[withheld]"

NAME = r"[^\s<>/=\"'!?]+"
QUOTED = r"\"[^\"<]*\"|'[^'<]*'"
TOKEN = re.compile(
    rf"<\?[^<>]*\?>|<!--(?P<comment>.*?)-->|<!\[CDATA\[(?P<data>.*?)\]\]>|</(?P<closed>{NAME})\s*>"
    rf"|<(?P<opened>{NAME})(?P<attributes>(?:\s+{NAME}\s*=\s*(?:{QUOTED}))*)\s*(?P<empty>/?)>|(?P<text>[^<]+)",
    re.DOTALL,
)
"""What XML 1.0 documents consist of, without document type declarations (sections 2.4 to 2.8, 3.1)."""

ATTRIBUTE = re.compile(rf"(\s+)({NAME})(\s*=\s*)({QUOTED})")
NAMING = ("name", "key", "id")
"""Attributes that say what the content of their element is."""

ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def shown_document(text: str, masker: Masker) -> str | None:
    """``text`` with `WITHHELD` for every secret in it, or None where it is no XML document to show.

    A secret is what the masker withholds elsewhere: by the name of the attribute or of an element around
    it, by its shape, or because it was met before.
    """
    if len(text) > DOCUMENT_AT_MOST or not text.lstrip().startswith("<"):
        return None
    kept: list[str] = []
    open_elements: list[tuple[str, bool]] = []
    at = 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:
            return None
        at = token.end()
        under_secret = bool(open_elements) and open_elements[-1][1]
        if token["opened"] is not None:
            attributes, secret = _attributes(token, under_secret, masker)
            kept.append(f"<{token['opened']}{attributes}{token['empty']}>")
            if not token["empty"]:
                open_elements.append((token["opened"], secret))
        elif token["closed"] is not None:
            if not open_elements or open_elements.pop()[0] != token["closed"]:
                return None
            kept.append(token[0])
        else:
            said = token["text"] or token["data"] or token["comment"] or ""
            hidden = said.strip() and (under_secret or _secret(said, masker))
            kept.append(token[0].replace(said, WITHHELD) if hidden else token[0])
    shown = "".join(kept)
    # One that was cut in two by the markup is none of the texts looked at.
    return None if open_elements or any(secret in shown for secret in masker.parts) else shown


def _attributes(token: re.Match[str], under_secret: bool, masker: Masker) -> tuple[str, bool]:
    """The attributes of an element as they are shown, and whether what stands in the element is secret."""
    found = ATTRIBUTE.findall(token["attributes"])
    secret = (
        under_secret
        or masker.secret_name(token["opened"])
        or any(name in NAMING and masker.secret_name(quoted[1:-1]) for _, name, _, quoted in found)
    )
    shown = []
    for space, name, equals, quoted in found:
        content = quoted[1:-1]
        hidden = content and (
            masker.secret_name(name) or (secret and name not in NAMING) or _secret(content, masker)
        )
        shown.append(f"{space}{name}{equals}{quoted[0]}{WITHHELD if hidden else content}{quoted[0]}")
    return "".join(shown), secret


def _secret(text: str, masker: Masker) -> bool:
    plain = text
    for entity, letter in ENTITIES:
        plain = plain.replace(entity, letter)
    return "&#" in plain or masker.secret_text(plain)
