"""`list_templates`: what `init` can start from."""

from __future__ import annotations

from limbeck.project import Config, Template, templates

__all__ = ["Template", "list_templates"]


def list_templates(config: Config) -> tuple[Template, ...]:
    """List the templates of a configuration's template folder."""
    return templates(config)
