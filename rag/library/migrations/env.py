"""Run by Alembic: upgrades over the connection, and inside the transaction, that `migrate` holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
