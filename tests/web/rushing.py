"""A server whose one route asks for a certificate as the pages do: run by a test, several on one database.

Arguments: state folder, URL of the database.
"""

from __future__ import annotations

import os
import sys

from fastapi.responses import PlainTextResponse, Response

from pcf.certificate.gather import Request
from pcf.certificate.issue import Order
from pcf.errors import PcfError
from pcf.store import open_database
from pcf.web import certifying
from pcf.web.app import create_app
from pcf.web.desk import Desk
from tests.web.certified import CUSTOMER
from tests.web.listening import serve


def main() -> None:
    """Serve on a free port, which is printed."""
    os.environ["PCF_HOME"] = sys.argv[1]
    desk = Desk(open_database(sys.argv[2]))
    app = create_app(desk, pages=())

    @app.get("/issue")
    async def issue(heat: str, mass_kg: int, who: str) -> Response:
        order = Order(Request("batch", heat, mass_kg=mass_kg), CUSTOMER, key=f"web/{who}")
        try:
            seat = certifying.seat(desk, who)
            return PlainTextResponse(await desk.work.run(certifying.issue_one, seat, order, seconds=certifying.SECONDS))
        except PcfError as problem:
            return PlainTextResponse(str(problem), 409)

    serve(app)


if __name__ == "__main__":
    main()
