"""The module that migration scripts know as `op`: one function for each operation."""

from limbeck.environment import OpFace, become

become(__name__, OpFace)
