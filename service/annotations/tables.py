"""The tables; rows are only ever added."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, ForeignKey, Index, Integer, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

#: SQLite numbers rows by itself only where the key is an INTEGER, which has 64 bits there.
Serial = BigInteger().with_variant(Integer(), "sqlite")
NAME = String(200)
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC, also in SQLite, which keeps no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From the database, which may have dropped the zone."""
        if value is None:
            return None
        time: datetime = value
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=_NAMING)


class RequestRow(Base):
    """A request that came with a key of its own, so that the same one sent again is known."""

    __tablename__ = "requests"
    __table_args__ = (Index("uq_requests_annotator_key", "annotator", "key", unique=True),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    annotator: Mapped[str] = mapped_column(NAME)
    key: Mapped[str] = mapped_column(NAME)
    sha256: Mapped[str] = mapped_column(String(64))
    versions: Mapped[list["RequestVersionRow"]] = relationship(order_by="RequestVersionRow.position")


class VersionRow(Base):
    """A version of what one annotator says of one sentence; ``replaces`` is unique, so histories do not fork."""

    __tablename__ = "versions"
    __table_args__ = (
        Index("ix_versions_sentence_annotator", "sentence", "annotator"),
        Index("ix_versions_document", "document"),
        Index("ix_versions_time", "time"),
        Index("uq_versions_replaces", "replaces", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    sentence: Mapped[str] = mapped_column(NAME)
    annotator: Mapped[str] = mapped_column(NAME)
    key_id: Mapped[str | None] = mapped_column(NAME)
    time: Mapped[datetime] = mapped_column(UtcTime)
    replaces: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    document: Mapped[str] = mapped_column(NAME)
    text: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(NAME)
    model: Mapped[str | None] = mapped_column(Text)
    model_version: Mapped[str | None] = mapped_column(Text)
    model_codebook: Mapped[str | None] = mapped_column(Text)
    codebook: Mapped[str] = mapped_column(Text)
    withdrawn: Mapped[bool]
    frames: Mapped[list["FrameRow"]] = relationship(order_by="FrameRow.position")
    actors: Mapped[list["ActorRow"]] = relationship(order_by="ActorRow.position")


class FrameRow(Base):
    """A frame of a version."""

    __tablename__ = "frames"
    __table_args__ = (Index("ix_frames_frame", "frame"),)

    version: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    frame: Mapped[str] = mapped_column(NAME)


class ActorRow(Base):
    """A mention of a version; offsets in Unicode code points, ``end`` exclusive."""

    __tablename__ = "actors"
    __table_args__ = (Index("ix_actors_actor", "actor"), Index("ix_actors_stance", "stance"))

    version: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[int]
    end: Mapped[int]
    stance: Mapped[str] = mapped_column(NAME)
    actor: Mapped[str | None] = mapped_column(NAME)


class RequestVersionRow(Base):
    """A version with which a request was answered."""

    __tablename__ = "request_versions"

    request: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(ForeignKey("versions.id"))
