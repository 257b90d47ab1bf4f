"""`pcf serve` and `pcf user`: what they print, what they refuse, and what they leave alone."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


def test_a_footprint_imports_nothing_of_the_web(session_home: Path) -> None:
    code = (
        "import sys\nfrom pcf.commands import main\n"
        "try:\n    main(['footprint', 'hqalight'])\nexcept SystemExit:\n    pass\n"
        "found = [name for name in ('fastapi', 'nicegui', 'uvicorn', 'argon2', 'starlette', 'sqlalchemy') if name in sys.modules]\n"
        "sys.exit(','.join(found) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_accounts_are_made_listed_changed_and_closed(pcf: Call, pcf_home: Path) -> None:
    assert re.search(r"lin: one-time password \S{16}, to be changed", pcf("user", "add", "Lin", "--display", "Lin Hai").out)
    assert pcf("user", "add", "root", "--role", "admin").code == 0
    assert pcf("user", "add", "lin").code == 2
    listed = json.loads(pcf("user", "list", "--json").out)
    assert [(item["name"], item["role"], item["active"]) for item in listed] == [("lin", "sales", True), ("root", "admin", True)]
    assert pcf("user", "change", "lin", "--role", "auditor").code == 0
    assert pcf("user", "disable", "lin").code == 0
    assert "auditor" in pcf("user", "list").out.lower()
    assert "last admin" in pcf("user", "disable", "root").err
    assert "one-time password" in pcf("user", "password", "root").out
    assert pcf("user", "password", "nobody").code == 2
    assert pcf("log", "verify").code == 0


@pytest.mark.parametrize(
    "options", [["--cert", "a.pem"], ["--key", "a.pem"], ["--cert", "a", "--key", "b", "--tls-self-signed"], ["--port", "70000"]]
)
def test_options_that_do_not_go_together_are_refused(pcf: Call, pcf_home: Path, options: list[str]) -> None:
    assert pcf("serve", *options).code == 2


def test_a_port_that_is_taken_is_said_in_one_line(pcf_home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-c", "from pcf.commands import main; main()", "serve", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert re.fullmatch(r"pcf: 127\.0\.0\.1:\d+: .*; give another --host or --port\n", done.stderr)


@pytest.mark.slow
def test_the_first_start_prints_a_password_serves_by_tls_and_stops_gracefully(pcf_home: Path) -> None:
    command = [sys.executable, "-c", "from pcf.commands import main; main()", "serve", "--port", "0", "--tls-self-signed"]
    environment = {**os.environ, "PCF_HOME": str(pcf_home)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = re.findall(r"https://[0-9.:]+", process.stdout.readline())[0]
    assert "one-time password" in process.stdout.readline()
    trust = ssl.create_default_context(cafile=str(pcf_home / "tls" / "cert.pem"))
    for _ in range(100):
        try:
            answer = urllib.request.urlopen(f"{address}/healthz", context=trust, timeout=5)
            break
        except OSError:
            import time

            time.sleep(0.1)
    assert answer.read() == b"ok\n" and answer.headers["strict-transport-security"]
    answer.close()
    assert (pcf_home / "tls" / "key.pem").stat().st_mode & 0o077 == 0
    process.terminate()
    out, _ = process.communicate(timeout=120)
    assert (process.returncode, out) == (0, "stopped\n")
