"""Tools for programs that speak the Model Context Protocol; see `limbeck mcp`."""

from limbeck.mcp.server import serve

__all__ = ["serve"]
