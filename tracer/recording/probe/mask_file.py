"""More rules for what is withheld, from a TOML file: ``names``, ``types`` and ``shapes``, lists of regular
expressions."""

from __future__ import annotations

import re

LISTS = ("names", "types", "shapes")


class MaskFileError(Exception):
    """A mask file that cannot be used, and why."""


class MaskRules:
    """Patterns beyond those the probe brings along; None where there are none.

    Attributes:
        names: of arguments, results' functions and dictionary keys, found anywhere in the name.
        types: of types' names.
        shapes: of texts.
    """

    def __init__(
        self,
        names: re.Pattern[str] | None = None,
        types: re.Pattern[str] | None = None,
        shapes: re.Pattern[str] | None = None,
    ) -> None:
        self.names = names
        self.types = types
        self.shapes = shapes


def read_mask_file(path: str) -> MaskRules:
    """The rules in ``path``; of no rules at all where it is empty.

    Raises:
        MaskFileError: it cannot be read, is no TOML, or a rule in it is none.
    """
    if not path:
        return MaskRules()
    import tomllib

    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is not loaded in services for this
            content = tomllib.load(file)
    except OSError as error:
        raise MaskFileError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MaskFileError(f"{path} is not TOML: {error}") from error
    unknown = content.keys() - set(LISTS)
    if unknown:
        raise MaskFileError(f"{path} has {min(unknown)!r}; it may have {', '.join(LISTS)}")
    return MaskRules(*(_pattern(path, name, content.get(name, [])) for name in LISTS))


def _pattern(path: str, name: str, given: object) -> re.Pattern[str] | None:
    if not isinstance(given, list) or not all(isinstance(rule, str) and rule for rule in given):
        raise MaskFileError(f"{path}: {name} must be a list of regular expressions, each a text")
    for rule in given:
        try:
            re.compile(rule)
        except re.error as error:
            raise MaskFileError(f"{path}: {rule!r} in {name} is not a regular expression: {error}") from error
    return re.compile("|".join(f"(?:{rule})" for rule in given), re.IGNORECASE) if given else None
