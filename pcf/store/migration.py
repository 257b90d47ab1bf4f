"""Brings a database to the newest tables by the Alembic migrations beside this module."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect

from pcf.errors import EnvironmentProblem

FOLDER = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, newest: str) -> None:
    """Make or renew the tables inside the caller's transaction; does nothing where another process has just done it.

    Raises
    ------
    EnvironmentProblem
        When the tables are those of a newer program, or nothing says of which.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    present = MigrationContext.configure(connection).get_current_heads()
    known = {item.revision for item in ScriptDirectory.from_config(config).walk_revisions()}
    if len(present) > 1 or not known.issuperset(present):
        said = " and ".join(map(_named, present))
        raise EnvironmentProblem(
            f"the database has tables of version {said}, this program knows {newest}; use a newer program, or restore a backup"
        )
    if not present and inspect(connection).has_table("event"):
        raise EnvironmentProblem(
            f"the database has tables and does not say of which version (expected {newest}); restore a backup"
        )
    command.upgrade(config, newest)


def versions() -> list[str]:
    """Versions of the tables that this program knows, oldest first."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return sorted(item.revision for item in ScriptDirectory.from_config(config).walk_revisions())


def _named(version: object) -> str:
    """A version in one short line, whatever somebody wrote there."""
    return ascii(version)[:40] if not isinstance(version, str) or not version.isalnum() else version[:40]
