"""`alembic.context`: what env.py calls."""

from limbeck.environment import ContextProxy, install_proxy

install_proxy(__name__, ContextProxy)
del ContextProxy, install_proxy
