"""A server whose one route issues a certificate: run by a test that stops it meanwhile.

Arguments: state folder, how long a request may still take [s].
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from pcf.certificate.issue import issue
from pcf.store import open_database
from pcf.web import running
from pcf.web.app import create_app
from pcf.web.desk import Desk
from tests.certificate import offices


def tell(line: str) -> None:
    """To the test, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve on a free port, which is printed."""
    home = Path(sys.argv[1])
    os.environ["PCF_HOME"] = str(home)
    url = f"sqlite:///{home / 'pcf.db'}"
    office = offices.open_desk(home, url)
    app = create_app(Desk(open_database(url)), pages=())

    def work() -> str:
        tell("begun")
        return issue(office, offices.order(), offices.TODAY).number

    @app.get("/issue")
    async def issued() -> Response:
        return JSONResponse(await run_in_threadpool(work))

    running._OPTIONS["timeout_graceful_shutdown"] = float(sys.argv[2])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        tell(str(listener.getsockname()[1]))
        running.run(app, listener, None, None)


if __name__ == "__main__":
    main()
