"""The module that env.py knows as `context`: the environment that is running."""

from limbeck.environment import ContextFace, become

become(__name__, ContextFace)
