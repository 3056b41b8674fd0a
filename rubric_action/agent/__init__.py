"""Sessions of the agent under test, wherever they come from."""
