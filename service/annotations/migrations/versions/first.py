"""The first tables: versions with their frames and actors, and the requests that brought them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.String(200)
_TABLES = ("versions", "frames", "actors", "requests", "request_versions")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "versions",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("sentence", _NAME, nullable=False),
        sa.Column("annotator", _NAME, nullable=False),
        sa.Column("key_id", _NAME),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces", _SERIAL),
        sa.Column("document", _NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("origin", _NAME, nullable=False),
        sa.Column("model", sa.Text()),
        sa.Column("model_version", sa.Text()),
        sa.Column("model_codebook", sa.Text()),
        sa.Column("codebook", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.ForeignKeyConstraint(["replaces"], ["versions.id"], name="fk_versions_replaces"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_versions_sentence_annotator", "versions", ["sentence", "annotator"])
    op.create_index("ix_versions_document", "versions", ["document"])
    op.create_index("ix_versions_time", "versions", ["time"])
    op.create_index("uq_versions_replaces", "versions", ["replaces"], unique=True)
    op.create_table(
        "frames",
        sa.Column("version", _SERIAL, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("frame", _NAME, nullable=False),
        sa.PrimaryKeyConstraint("version", "position", name="pk_frames"),
        sa.ForeignKeyConstraint(["version"], ["versions.id"], name="fk_frames_version"),
    )
    op.create_index("ix_frames_frame", "frames", ["frame"])
    op.create_table(
        "actors",
        sa.Column("version", _SERIAL, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("stance", _NAME, nullable=False),
        sa.Column("actor", _NAME),
        sa.PrimaryKeyConstraint("version", "position", name="pk_actors"),
        sa.ForeignKeyConstraint(["version"], ["versions.id"], name="fk_actors_version"),
    )
    op.create_index("ix_actors_actor", "actors", ["actor"])
    op.create_index("ix_actors_stance", "actors", ["stance"])
    op.create_table(
        "requests",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("annotator", _NAME, nullable=False),
        sa.Column("key", _NAME, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index("uq_requests_annotator_key", "requests", ["annotator", "key"], unique=True)
    op.create_table(
        "request_versions",
        sa.Column("request", _SERIAL, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", _SERIAL, nullable=False),
        sa.PrimaryKeyConstraint("request", "position", name="pk_request_versions"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_request_versions_request"),
        sa.ForeignKeyConstraint(["version"], ["versions.id"], name="fk_request_versions_version"),
    )
    _forbid_changes()


def _forbid_changes() -> None:
    """Let the database itself refuse to change or to remove a row."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _TABLES:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'rows are only ever added'); END"
                )
    else:
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows are only ever added'; END $$"
        )
        for table in _TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def downgrade() -> None:
    """Nothing is taken back, since that would lose annotations."""
    raise NotImplementedError
