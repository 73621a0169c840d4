"""Which heading of an export means what."""
