"""The module that migration scripts know as `op`: one function for each operation."""

from limbeck.environment import OpProxy, install_proxy

install_proxy(__name__, OpProxy)
