"""The templates of the pages, all read with the same strictness."""

from __future__ import annotations

import jinja2


def page_templates(package: str) -> jinja2.Environment:
    """The templates in a package's folder ``templates``: what they fill in is escaped and must be there.

    Args:
        package: its dotted name.
    """
    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
