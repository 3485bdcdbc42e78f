"""Where a function's source can be seen: behind a template for addresses, or on pages beside the picture."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from tracer.model.function import Function
from tracer.model.notes import package_version
from tracer.terminal.errors import UserError

FIELDS = ("file", "line", "release", "package")
_SCHEMES = ("http", "https", "file", "")


def template_links(template: str, versions: Mapping[str, str]) -> Callable[[Function], str]:
    """Addresses made from ``template``, whose fields are those of `FIELDS`.

    ``{file}`` is relative to the source root, ``{line}`` 1-based, ``{release}`` the version of the package
    that holds the function, ``{package}`` the package's name. A function without source, or of a package
    whose release is not known where the template asks for it, has no address.

    Args:
        template: as in ``https://example.org/{package}/{release}/{file}#L{line}``.
        versions: version by package.

    Raises:
        UserError: when the template has other fields, or is no address that a reader may follow.
    """
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise UserError(f"--source-url: {error}", _REMEDY) from None
    fields = {name for _, name, _, _ in parts if name is not None}
    odd = [name for _, name, spec, conversion in parts if name not in (None, *FIELDS) or spec or conversion]
    if odd:
        raise UserError(f"--source-url cannot fill in {{{odd[0]}}}.", _REMEDY)
    if urlsplit(template).scheme not in _SCHEMES:
        raise UserError(f"--source-url: {urlsplit(template).scheme} is no address of a page.", _REMEDY)

    def link(function: Function) -> str:
        release = package_version(function.id, versions)
        if not function.file or ("release" in fields and not release):
            return ""
        return template.format(
            file=quote(function.file),
            line=function.line,
            release=quote(release, safe=""),
            package=quote(function.module.partition(".")[0], safe=""),
        )

    return link


_REMEDY = (
    "It may hold {file}, {line}, {release} and {package}, as in "
    "https://example.org/{package}/{release}/{file}#L{line}"
)
