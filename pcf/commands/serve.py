"""`pcf serve`: the workbench in a browser."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option
from pcf.errors import EnvironmentProblem, InputError
from pcf.settings import set_home
from pcf.text import text


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, help="Port; 0 takes a free one.")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Folder of the own state (else PCF_HOME).")
@click.option("--tls-self-signed", "self_signed", is_flag=True, help="By TLS, with a certificate made here.")
@click.option("--cert", type=click.Path(path_type=Path, dir_okay=False), help="By TLS: the certificate chain (PEM).")
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help="By TLS: its private key (PEM).")
@click.option("--proxy", "proxies", multiple=True, metavar="NETWORK", help="A proxy that ends TLS before this server.")
@click.option("--pact-base", metavar="URL", help="Serve PACT, too: its public https address.")
@click.option(
    "--pact-private", multiple=True, metavar="NETWORK", help="PACT: a network that is not public and may be called all the same."
)
@click.option(
    "--pact-ca", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="PACT: authorities of customers (PEM)."
)
@click.option(
    "--oidc",
    "oidc_file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="PCF_OIDC",
    help="Sign-in by OpenID Connect, too: its file.",
)
@click.option("--api", is_flag=True, help="Only what needs no sign-in: no workbench.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="With --api: number of processes.")
@catalogue_option
@click.pass_context
def serve(
    ctx: click.Context, host: str, port: int, home: Path | None, self_signed: bool, cert: Path | None, key: Path | None,
    proxies: tuple[str, ...], pact_base: str | None, pact_private: tuple[str, ...], pact_ca: Path | None, oidc_file: Path | None,
    api: bool, workers: int, data_path: Path | None,
) -> None:  # fmt: skip
    """Serve the workbench until Ctrl-C.

    The first time there is nobody who could sign in: an admin is made, and his one-time password printed.
    """
    if home is not None:
        set_home(home)
    if (cert is None) != (key is None) or (cert is not None and self_signed):
        raise InputError("--cert, --key, --tls-self-signed", "some of them", "--cert with --key, or --tls-self-signed alone")
    if workers > 1 and not api:
        raise InputError("--workers", str(workers), "1 for the workbench", "add --api to serve only what needs no sign-in")
    lang = language(ctx)
    running = _parts()
    if self_signed:
        from pcf.web.tls import self_signed_pair

        cert, key = self_signed_pair(host)
    oidc = _oidc(oidc_file) if oidc_file is not None and not api else None
    secure = cert is not None or bool(proxies)
    pact = _pact(pact_base, proxies, pact_private, pact_ca)
    desk = _desk(data_path, lang, secure=secure)
    if workers > 1 and desk.database.is_sqlite:
        raise InputError("--workers", f"{workers} on SQLite", "1, or a PostgreSQL database", "set PCF_DATABASE_URL")
    public = running.Public(lang, secure, pact, proxies)
    app = public.application(desk) if api else running.create_app(desk, pact=pact, proxies=proxies, oidc=oidc)
    with contextlib.closing(_listen(host, port)) as listener:
        place = listener.getsockname()
        shown = f"[{place[0]}]" if ":" in place[0] else place[0]
        address = f"{'https' if cert else 'http'}://{shown}:{place[1]}/"
        click.echo(text("web.serving-api" if api else "web.serving", lang, address=address, count=workers))
        if pact is not None:
            click.echo(text("web.serving-pact", lang, address=pact.base))
        if not secure and place[0] not in ("127.0.0.1", "::1") and not api:
            click.echo(text("web.serving-plain", lang), err=True)
        if not api and not desk.people.accounts():
            password = desk.people.add("pcf serve", "admin", "admin")
            click.echo(text("web.serving-first", lang, name="admin", password=password))
        if workers == 1:
            running.run(app, listener, cert, key)
        else:
            desk.close()
            running.run_many(public, workers, listener, cert, key)
    click.echo(text("web.stopped", lang))


def _parts() -> Any:
    """What runs a server, where its packages are installed."""
    try:
        from pcf.web import running
    except ImportError as missing:
        raise EnvironmentProblem(f"the workbench needs {missing.name}: pip install 'pcf-aluminium[web,charts]'") from None
    return running


def _desk(data_path: Path | None, lang: str, *, secure: bool) -> Any:
    from pcf.store import open_database
    from pcf.web.desk import Desk

    desk = Desk(open_database(), data_path, secure=secure, language=lang)
    desk.catalogue  # noqa: B018 - damaged data are said now, not at the first page
    return desk


def _oidc(file: Path) -> Any:
    from pcf.web.oidc.settings import read_settings

    return read_settings(file)


def _pact(base: str | None, proxies: tuple[str, ...], private: tuple[str, ...], ca_file: Path | None) -> Any:
    """Settings of the PACT service; an http address is for a trial on this machine alone."""
    from urllib.parse import urlsplit

    from pcf.web.pact import Settings

    if base is None:
        if private or ca_file is not None:
            raise InputError("--pact-private, --pact-ca", "no --pact-base", "the public address of the PACT service")
        return None
    trial = base.casefold().startswith("http://") and urlsplit(base).hostname in ("127.0.0.1", "localhost")
    return Settings(base, proxies=proxies, plain_loopback=trial, private=private, ca_file=ca_file)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # With its protocol: asyncio lets answers go out at once (TCP_NODELAY) only where it sees that this is TCP.
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2_048)  # whoever is told the address may call at once, and waits until the server is there
    except OSError as problem:
        raise EnvironmentProblem(f"{host}:{port}: {problem.strerror}; give another --host or --port") from None
    return listener
