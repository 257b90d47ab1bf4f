"""The installed command, run from a checkout."""

from pcf.commands import main

if __name__ == "__main__":
    main()
