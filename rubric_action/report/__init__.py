"""One result, one renderer a format. Templates print and never decide."""
