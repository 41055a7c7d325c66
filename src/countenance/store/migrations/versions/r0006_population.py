"""How many people something is held about, and the triggers that keep the number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None

_COMES = """
CREATE TRIGGER population_comes AFTER INSERT ON data_keys
WHEN NEW.subject <> 'sub_selfcheck'
    AND NOT EXISTS (SELECT 1 FROM data_keys WHERE subject = NEW.subject AND key_id <> NEW.key_id)
BEGIN
    UPDATE population SET people = people + 1 WHERE id = 1;
END
"""
_GOES = """
CREATE TRIGGER population_goes AFTER DELETE ON data_keys
WHEN OLD.subject <> 'sub_selfcheck' AND NOT EXISTS (SELECT 1 FROM data_keys WHERE subject = OLD.subject)
BEGIN
    UPDATE population SET people = people - 1 WHERE id = 1;
END
"""
_FUNCTIONS = (
    """
CREATE FUNCTION population_comes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.subject <> 'sub_selfcheck'
        AND NOT EXISTS (SELECT 1 FROM data_keys WHERE subject = NEW.subject AND key_id <> NEW.key_id)
    THEN
        UPDATE population SET people = people + 1 WHERE id = 1;
    END IF;
    RETURN NULL;
END
$$
""",
    """
CREATE FUNCTION population_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.subject <> 'sub_selfcheck' AND NOT EXISTS (SELECT 1 FROM data_keys WHERE subject = OLD.subject)
    THEN
        UPDATE population SET people = people - 1 WHERE id = 1;
    END IF;
    RETURN NULL;
END
$$
""",
    """
CREATE TRIGGER population_comes AFTER INSERT ON data_keys
FOR EACH ROW EXECUTE FUNCTION population_comes()
""",
    """
CREATE TRIGGER population_goes AFTER DELETE ON data_keys
FOR EACH ROW EXECUTE FUNCTION population_goes()
""",
)
"""As the two above, in PostgreSQL's language."""


def upgrade() -> None:
    """Make the table, count those who are there, and let the database count from now on."""
    op.create_table(
        "population",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_population_single")),
        sa.PrimaryKeyConstraint("id", name="pk_population"),
    )
    op.execute(
        "INSERT INTO population (id, people) "
        "SELECT 1, count(DISTINCT subject) FROM data_keys WHERE subject <> 'sub_selfcheck'"
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _FUNCTIONS if postgresql else (_COMES, _GOES):
        op.execute(statement)
