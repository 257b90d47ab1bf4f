"""Alembic's entry: runs the migrations on the connection that `pcf.store.migration` hands over."""

from alembic import context

from pcf.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
