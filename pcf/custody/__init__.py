"""Chain of custody: what came in, what was made of it, what may be claimed, and the accounts that keep each claim single."""

from pcf.custody.book import Book, Placed, Work
from pcf.custody.intake import KINDS, Count, import_rows, record

__all__ = ["KINDS", "Book", "Count", "Placed", "Work", "import_rows", "record"]
