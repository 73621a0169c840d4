"""How an opportunity stands: open, won or lost, as a key, and as a whole number where millions are compared."""

OUTCOMES = ("open", "won", "lost")
OPEN, WON, LOST = range(3)
"""Places in `OUTCOMES`."""
CLOSED = ("won", "lost")
