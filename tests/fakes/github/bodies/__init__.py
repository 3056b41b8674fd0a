"""The JSON that GitHub answers: one function a schema, each from a record to a dictionary."""
