"""A database of our own for a moment: for now, the catalog that a history leads to."""

from limbeck.scratch.replaying import Replayed, Unknown, replay

__all__ = ["Replayed", "Unknown", "replay"]
