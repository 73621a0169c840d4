"""From columns of text to typed values, decided by all the values of a column."""
