"""`alembic.context`: the functions that env.py calls."""

from limbeck.environment import ContextProxy, install_proxy

install_proxy(__name__, ContextProxy)
del ContextProxy, install_proxy
