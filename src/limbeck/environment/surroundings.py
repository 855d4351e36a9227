"""What the inner files of this room ask of an environment, so that they need not know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from limbeck.project import Config


class Surroundings(Protocol):
    """An environment as env.py meets it."""

    config: Config

    def is_offline_mode(self) -> bool:
        """Say whether statements are written down, not run."""

    def configure(self, **options: Any) -> None:
        """Say which database and which models are meant."""

    def begin_transaction(self) -> AbstractContextManager[Any]:
        """Begin the transaction of the whole run."""

    def run_migrations(self, **kw: Any) -> None:
        """Do what the command wants done."""
