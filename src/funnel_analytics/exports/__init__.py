"""Data in: from files to canonical tables."""
