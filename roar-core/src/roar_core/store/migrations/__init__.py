"""Migrations of the database, run by alembic (roar_core.store.upgrade)."""
