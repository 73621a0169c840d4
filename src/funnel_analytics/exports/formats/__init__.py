"""From a file's bytes, whatever its format, to sheets of text cells."""
