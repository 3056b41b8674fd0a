"""Rules, the judge, and everything between an answer and its grades."""
