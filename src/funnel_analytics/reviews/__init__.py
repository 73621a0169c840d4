"""The review of a period as files that people present, calculate with and send on: .pptx, .xlsx, .html.

`writing` decides what is written where, `contents` computes every table once, `slides`, `workbook` and `page`
show the same contents in three ways.
"""

from .writing import write_review, write_reviews

__all__ = ["write_review", "write_reviews"]
