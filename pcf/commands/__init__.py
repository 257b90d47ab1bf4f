"""The command line: one module a noun; each command parses, calls and prints."""

try:
    from pcf.commands.main import main
except KeyboardInterrupt:  # Ctrl-C before anything was done
    import sys

    if sys.stderr is not None:
        sys.stderr.write("pcf: stopped\n")
    raise SystemExit(130) from None

__all__ = ["main"]
