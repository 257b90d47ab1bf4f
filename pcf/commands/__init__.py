"""The command line: one module a noun; each command parses, calls and prints."""

from pcf.commands.main import main

__all__ = ["main"]
