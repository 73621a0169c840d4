"""Rating sheets: the workbook in which ratings are kept, and the template to fill in by hand."""
