"""Rubric Action: the shipping gate for AI agents."""

__version__ = "0.1.0"
