"""Bars that finished runs can carry, with the evidence for each."""
