"""From a sheet of cells to the table inside it."""
