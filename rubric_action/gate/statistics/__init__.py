"""Statistics of the gate: pure functions over plain values, checked against SciPy in tests."""
