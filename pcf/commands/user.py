"""`pcf user`: the people who may use the workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pcf.commands.main import Group, language
from pcf.text import json_text, text
from pcf.web.rights import ROLES

if TYPE_CHECKING:
    from pcf.web.people import People


@click.group(cls=Group)
def user() -> None:
    """People of the workbench: sales, engineers, auditors (who read alone), admins."""


@user.command(short_help="Make an account and print its one-time password.")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="sales", show_default=True, help="What the person may do.")
@click.option("--display", default="", help="Name as pages show it.")
@click.pass_context
def add(ctx: click.Context, name: str, role: str, display: str) -> None:
    """Make the account NAME. Its one-time password is printed once; it is changed at the first sign-in."""
    people, actor = _people()
    password = people.add(actor, name, role, display)
    click.echo(text("web.user-added", language(ctx), name=name.strip().lower(), password=password))


@user.command("list", short_help="List the accounts.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the accounts with their roles."""
    people, _ = _people()
    found, lang = people.accounts(), language(ctx)
    if as_json:
        click.echo(json_text([
            {"name": item.name, "display": item.display, "role": item.role, "active": item.active} for item in found
        ]))  # fmt: skip
        return
    from pcf.commands.tables import console, new_table

    table = new_table()
    for heading in ("name", "role", "active"):
        table.add_column(text(f"web.user-{heading}", lang))
    for item in found:
        shown = item.name if item.display == item.name else f"{item.name} ({item.display})"
        table.add_row(shown, text(f"web.role-{item.role}", lang), text("web.yes" if item.active else "web.no", lang))
    console().print(table)


@user.command(short_help="Change an account's role or name.")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), help="What the person may do.")
@click.option("--display", help="Name as pages show it.")
@click.option("--active/--closed", default=None, help="Open a closed account again, or close it.")
@click.pass_context
def change(ctx: click.Context, name: str, role: str | None, display: str | None, active: bool | None) -> None:
    """Change the account NAME; whoever is signed in under it has to sign in again."""
    people, actor = _people()
    people.change(actor, name, role=role, display=display, active=active)
    click.echo(text("web.user-changed", language(ctx), name=name))


@user.command(short_help="Close an account and end its sessions.")
@click.argument("name")
@click.pass_context
def disable(ctx: click.Context, name: str) -> None:
    """Close the account NAME: it stays in the log, and nobody signs in under it."""
    people, actor = _people()
    people.change(actor, name, active=False)
    click.echo(text("web.user-closed", language(ctx), name=name))


@user.command(short_help="Print a new one-time password.")
@click.argument("name")
@click.pass_context
def password(ctx: click.Context, name: str) -> None:
    """Give the account NAME a new one-time password; it ends its sessions, and the waiting after failed sign-ins."""
    people, actor = _people()
    click.echo(text("web.user-password", language(ctx), name=name, password=people.reset(actor, name)))


def _people() -> tuple[People, str]:
    """The accounts of the state folder, and under whose name they are changed."""
    from pcf.commands.entry import actor_name
    from pcf.errors import EnvironmentProblem
    from pcf.store import open_database

    try:
        import argon2  # noqa: F401 - said before anything is opened

        from pcf.web.people import People
    except ImportError as missing:
        raise EnvironmentProblem(f"accounts need {missing.name}: pip install 'pcf-aluminium[web]'") from None
    database = open_database()
    click.get_current_context().call_on_close(database.close)
    return People(database), actor_name()
