"""Throw-away servers and programs for tests and the demonstration."""
