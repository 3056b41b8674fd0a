"""Servers that stand in for GitHub and for a judge, spoken to over real sockets by real clients."""
