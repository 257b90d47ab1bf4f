"""Brings a database to the newest tables by the Alembic migrations beside this module."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from pcf.errors import EnvironmentProblem

FOLDER = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, newest: str) -> None:
    """Make or renew the tables inside the caller's transaction; does nothing where another process has just done it.

    Raises
    ------
    EnvironmentProblem
        When the tables are those of a newer program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in {item.revision for item in ScriptDirectory.from_config(config).walk_revisions()}:
        raise EnvironmentProblem(
            f"the database has tables of version {present}, this program knows {newest}; use a newer program"
        )
    command.upgrade(config, newest)
