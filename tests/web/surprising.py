"""A workbench with a page whose buttons fail as nobody foresaw: run by a test.

Arguments: state folder, URL of the database.
"""

from __future__ import annotations

import asyncio
import os
import sys

from nicegui import ui

from pcf.store import open_database
from pcf.web.app import create_app
from pcf.web.desk import Desk
from pcf.web.shell import View, page
from tests.web.listening import serve


def main() -> None:
    """Serve."""
    os.environ["PCF_HOME"] = sys.argv[1]

    @page("/surprising", "web.explore")
    def build(_: View) -> None:
        def at_once() -> None:
            raise KeyError("<b>at once</b>")

        async def later() -> None:
            await asyncio.sleep(0.01)
            raise ZeroDivisionError("later")

        ui.button("At once", on_click=at_once)
        ui.button("Later", on_click=later)

    serve(create_app(Desk(open_database(sys.argv[2])), pages=("explore",)))


if __name__ == "__main__":
    main()
