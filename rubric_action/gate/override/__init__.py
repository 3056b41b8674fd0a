"""Signed decisions to ship a known failure: what counts, who was turned down, and why. Pure."""
