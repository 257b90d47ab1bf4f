"""Product carbon footprints for an aluminium producer."""

__version__ = "0.1.0"
