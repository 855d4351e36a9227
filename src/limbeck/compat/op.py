"""`alembic.op`: the functions that migration scripts call."""

from limbeck.environment import OpProxy, install_proxy

install_proxy(__name__, OpProxy)
del OpProxy, install_proxy
