"""From the columns of one sheet to rows of the canonical tables."""
