"""`pcf certificate`: certificates of a footprint."""

from __future__ import annotations

import click

from pcf.commands.certificate_verify import verify
from pcf.commands.main import Group


@click.group(cls=Group)
def certificate() -> None:
    """Certificates of a footprint: signed PDF files with the credential, the digests and the seal inside."""


certificate.add_command(verify)
