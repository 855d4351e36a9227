"""SQLAlchemy objects and catalog values, both ways."""

from limbeck.bridge import beside
from limbeck.bridge.effects import Effect, Opaque, effect
from limbeck.bridge.origins import Origins
from limbeck.bridge.reading import Snapshot, read
from limbeck.bridge.types import parse_type
from limbeck.bridge.write import Writer

__all__ = [
    "Effect",
    "Opaque",
    "Origins",
    "Snapshot",
    "Writer",
    "beside",
    "effect",
    "parse_type",
    "read",
]
