"""Addresses that a stranger names: private ones in every disguise, rebinding, redirects, answers that never end."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from pcf.errors import CheckFailed, InputError
from pcf.exchange.sharing.address import Base, base_of, is_listed, is_public, resolve
from pcf.exchange.sharing.outside import Outside
from tests.web.pact.peers import HOST, Authority, PeerServer, drip

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8", "64:ff9b::808:808"]
PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1",
    "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::1", "2001:0:808:808:0:0:80ff:fffe", "100::1",
]  # fmt: skip
"""The last but one is Teredo, whose client is 127.0.0.1 with every bit turned round."""


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_in_every_disguise(address: str) -> None:
    assert not is_public(ip_address(address))


def test_a_network_of_ones_own_may_be_allowed() -> None:
    own = (ip_network("10.1.0.0/16"), ip_network("fd12::/16"))
    assert is_public(ip_address("10.1.2.3"), own) and is_public(ip_address("::ffff:10.1.2.3"), own)
    assert is_public(ip_address("fd12::1"), own)
    assert not is_public(ip_address("10.2.2.3"), own) and not is_public(ip_address("fd13::1"), own)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://api.example.com", "https://api.example.com"), ("https://API.example.com/", "https://api.example.com"),
        ("//api.example.com/3/events", "https://api.example.com"), ("https://api.example.com:8443/pact/3/events", "https://api.example.com:8443/pact"),
        ("https://api.example.com:443/3", "https://api.example.com"), ("https://api.example.com./x/", "https://api.example.com/x"),
    ],
)  # fmt: skip
def test_a_service_is_named_by_its_base(written: str, url: str) -> None:
    assert base_of(written, "x").url == url


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com", "ftp://api.example.com", "file:///etc/passwd", "gopher://x", "api.example.com", "", "https://", "https:///x", "/3/events",
        "https://user:pw@api.example.com", "https://allowed.example@evil.example", "https://api.example.com\\@evil.example", "https://api.example.com#@x",
        "https://api.example.com/?x=1", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://api.example.com:0", "https://api.example.com:99999", "https://a b",
        "https://api.example.com/\r\nX: y", "https://ａpi.example.com", "https://api.example.com/%2e%2e", "https://api.example.com/../x", "https://api..example.com",
        "https://-x.example", "https://" + "a" * 600, "javascript:alert(1)", "https://api.example.com/a//b",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_service(address: str) -> None:
    with pytest.raises(InputError, match="an https address of a service"):
        base_of(address, "x")


def test_the_list_of_hosts_is_exact() -> None:
    hosts = ("api.example.com", "other.example:8443")
    for good in ("https://api.example.com/x", "https://other.example:8443"):
        assert is_listed(base_of(good, "x"), hosts), good
    for bad in (
        "https://evil-api.example.com",
        "https://api.example.com.evil",
        "https://x.api.example.com",
        "https://api.example.com:8443",
        "https://other.example",
    ):
        assert not is_listed(base_of(bad, "x"), hosts), bad


def answers(*addresses: str) -> Any:
    return lambda host, port, **_: [(0, 0, 0, "", (address, port)) for address in addresses]


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    base = Base("api.example.com", 443, "")
    assert resolve(base, (), answers("8.8.8.8", "8.8.4.4")) == ("8.8.8.8", "8.8.4.4")
    for found in (("8.8.8.8", "127.0.0.1"), ("::ffff:10.0.0.1",), ("fe80::1%eth0",)):
        with pytest.raises(CheckFailed, match="no public address"):
            resolve(base, (), answers(*found))
    with pytest.raises(OSError, match="has no address"):
        resolve(base, (), answers())


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "0"])
def test_numbers_that_the_system_reads_as_addresses_lead_nowhere(host: str) -> None:
    """With the machine's own resolver."""
    with pytest.raises((CheckFailed, OSError)):
        resolve(Base(host, 443, ""))


def test_a_name_that_is_resolved_anew_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: a public address for the check, a private one for whoever asks again."""
    turns = iter([[(0, 0, 0, "", ("8.8.8.8", 443))], [(0, 0, 0, "", ("127.0.0.1", 443))]])
    connected = []

    def connect(place: tuple[str, int], **_: Any) -> socket.socket:
        connected.append(place)
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("resolved a second time"))
    with pytest.raises(OSError, match="nobody there"):
        Outside(lookup=lambda *_, **__: next(turns)).call(Base("rebind.example", 443, ""), "GET", "/")
    assert connected == [("8.8.8.8", 443)]


def test_a_call_reaches_the_service_over_tls(peer: PeerServer) -> None:
    """Else the refusals below would prove nothing."""
    answer = peer.outside().call(base_of(peer.base, "x"), "GET", "/auth/none")
    assert answer.status == 404 and b"nothing here" in answer.body


def test_the_loopback_interface_is_refused_unless_it_is_allowed(peer: PeerServer) -> None:
    with pytest.raises(CheckFailed, match=r"127\.0\.0\.1, which is no public address"):
        peer.outside(private=()).call(base_of(peer.base, "x"), "GET", "/")
    assert peer.asked == []


def test_a_certificate_of_another_host_or_authority_is_refused(authority: Authority, peer: PeerServer) -> None:
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        peer.outside(ca_file=None).call(base_of(peer.base, "x"), "GET", "/")
    with PeerServer(authority, "other.example") as other, pytest.raises(OSError, match="Hostname mismatch"):
        other.outside().call(base_of(other.base, "x"), "GET", "/")


def test_without_https_nobody_is_called() -> None:
    with pytest.raises(CheckFailed, match="is no https"):
        Outside(lookup=lambda *_, **__: pytest.fail("was resolved")).call(Base("api.example.com", 80, "", "http"), "GET", "/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(peer: PeerServer, status: int) -> None:
    peer.answers["/x"] = (status, {"Location": f"{peer.base}/y"}, b"")
    assert peer.outside().call(base_of(peer.base, "x"), "GET", "/x").status == status
    assert peer.asked == ["GET /x"] and peer.lookups == [HOST]


def test_an_answer_that_never_ends_is_left(peer: PeerServer) -> None:
    peer.answers["/slow"] = drip(60)
    start = time.monotonic()
    with pytest.raises(OSError):
        peer.outside(seconds=0.5).call(base_of(peer.base, "x"), "GET", "/slow")
    assert time.monotonic() - start < 30


def test_an_answer_that_is_too_large_is_left(peer: PeerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcf.exchange.sharing.outside.MOST_BYTES", 100_000)
    peer.answers["/large"] = (200, {}, b"x" * 200_000)
    with pytest.raises(OSError, match="more than 100,000 bytes"):
        peer.outside().call(base_of(peer.base, "x"), "GET", "/large")


@pytest.mark.parametrize("content", [b"SSH-2.0-OpenSSH\r\n", b"\x00\x01\x02\r\n\r\n", b""])
def test_what_is_no_http_is_an_error_of_the_network(peer: PeerServer, content: bytes) -> None:
    def answer(handler: Any) -> None:
        handler.wfile.write(content)
        handler.close_connection = True

    peer.answers["/x"] = answer
    with pytest.raises(OSError):
        peer.outside(seconds=2).call(base_of(peer.base, "x"), "GET", "/x")
