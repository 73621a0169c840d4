"""Dated exports kept in a folder, so that exports become history."""
