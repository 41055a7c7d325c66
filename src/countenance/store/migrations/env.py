"""Runs the steps on the connection that the store hands over; there is no other way to run them."""

from __future__ import annotations

from alembic import context

from countenance.store._models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
