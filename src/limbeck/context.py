"""The module that env.py knows as `context`: the environment that is running."""

from limbeck.environment import ContextProxy, install_proxy

install_proxy(__name__, ContextProxy)
