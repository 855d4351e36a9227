"""Pairs of models on live servers: the six marks, by the server's own account."""
