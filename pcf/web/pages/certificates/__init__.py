"""Certificates: the list, one of them, the wizard, many at once, and drafts that wait for a second person."""

from pcf.web.pages.certificates import bulk, drafts, one, overview, wizard

__all__ = ["bulk", "drafts", "one", "overview", "wizard"]
