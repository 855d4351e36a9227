"""JSON texts told member by member: all at once they take five times the room of their catalog."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_BETWEEN = re.compile(r"[\s,]*")


def members(text: str) -> Iterator[Any]:
    """Yield the members of a JSON array, of which each is an array itself."""
    decode = json.JSONDecoder().raw_decode
    place = text.find("[", 1)
    while place > 0:
        member, place = decode(text, place)
        yield member
        between = _BETWEEN.match(text, place)
        place = between.end() if between is not None else place
        if text.startswith("]", place):
            return
