"""A customer's own PACT service for the tests: real sockets, real TLS with certificates of the tests' own authority."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pcf.exchange.sharing.outside import Outside

HOST = "peer.example"
LOOPBACK = (ip_network("127.0.0.0/8"),)


class Authority:
    """A certificate authority with a certificate for `peer.example` and one for another host."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        self._name = name
        own = self._builder(name, self._key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        uses = (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
            "encipher_only", "decipher_only",
        )  # fmt: skip
        usage = x509.KeyUsage(**{use: use in ("digital_signature", "key_cert_sign", "crl_sign") for use in uses})
        self._cert = own.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        self.ca_file.write_bytes(self._cert.public_bytes(serialization.Encoding.PEM))

    def _builder(self, name: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
        )

    def issue(self, host: str) -> tuple[Path, Path]:
        """Files of a certificate for a host, and of its key."""
        files = self.folder / f"{host}.pem", self.folder / f"{host}.key"
        if not files[0].exists():
            key = ec.generate_private_key(ec.SECP256R1())
            builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), key.public_key())
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
            made = builder.add_extension(names, critical=False).add_extension(issuer, critical=False)
            files[0].write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
            files[1].write_bytes(
                key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )  # fmt: skip
        return files

    def context(self, host: str) -> ssl.SSLContext:
        """TLS of a server of a host."""
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found.load_cert_chain(*self.issue(host))
        return found


class PeerServer:
    """A PACT service that takes events and gives tokens; what it answers can be changed while it runs.

    Attributes
    ----------
    events : list
        Events that it was sent, each with the headers.
    asked : list of str
        Method and path of every request.
    answers : dict
        Path → status, headers and body, in place of its own answer; a callable gets the handler.
    """

    def __init__(self, authority: Authority, certificate: str = HOST) -> None:
        self.authority = authority
        self.events: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {}
        self.lookups: list[str] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the overridden one)
                pass

            def do_GET(self) -> None:
                peer._answer(self)

            def do_POST(self) -> None:
                peer._answer(self)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a client that does not like the certificate leaves

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.socket = authority.context(certificate).wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self.base = f"https://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def lookup(self, host: str, port: int, **_: Any) -> list[Any]:
        """A resolver that knows `peer.example` alone."""
        self.lookups.append(host)
        if host != HOST:
            raise OSError(f"no such host: {host}")
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    def outside(self, **changes: Any) -> Outside:
        """The way to it."""
        given = {"private": LOOPBACK, "ca_file": self.authority.ca_file, "lookup": self.lookup, "seconds": 5.0}
        return Outside(**{**given, **changes})

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        self.asked.append(f"{handler.command} {path}")
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        given = self.answers.get(path)
        if callable(given):
            given = given(handler)
            if given is None:
                return
        if given is None:
            given = self._usual(path, handler, body)
        status, headers, content = given
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def _usual(self, path: str, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if path == "/auth/token":
            right = handler.headers.get("authorization") == "Basic dXM6aHVzaA=="  # us:hush
            token = {"access_token": "peer-token", "token_type": "Bearer", "expires_in": 3600}
            return (200, {}, json.dumps(token).encode()) if right else (401, {}, b'{"error":"invalid_client"}')
        if path == "/3/events":
            if handler.headers.get("authorization") != "Bearer peer-token":
                return 401, {}, b""
            self.events.append((json.loads(body), dict(handler.headers)))
            return 200, {}, b""
        return 404, {}, b'{"code":"NotFound","message":"nothing here"}'


def drip(seconds: float) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer that comes byte by byte and never ends in time."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        end = time.monotonic() + seconds
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while time.monotonic() < end:
                handler.wfile.write(b"X-Slow: 1\r\n")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    return answer
