"""Queries, relationships and rows: read from source alone, as SQLAlchemy is not needed for it."""

from __future__ import annotations

from pathlib import Path

from tests.reading.analysis import own_edges
from tracer.reading.reader import read

PROGRAM = """
import sqlalchemy as sa
from oslo_db.sqlalchemy import models
from sqlalchemy import orm

session = orm.Session()
Base = orm.declarative_base(cls=models.ModelBase)

class Room(Base):
    __tablename__ = "rooms"
    beds = orm.relationship("Bed")

    @property
    def _extra_keys(self):
        return ["size"]

    @property
    def size(self):
        return len([bed.wide() for bed in self.beds])

class Bed(Base):
    __tablename__ = "beds"

    def wide(self):
        return True

def by_name(name):
    return session.query(Room).filter_by(name=name).order_by("name").first().size

def everything():
    return [room["size"] for room in session.scalars(sa.select(Room)).all()]

def as_mapping():
    return dict(session.query(Room).one())

def model_query(model):
    query = session.query(model)
    return query.filter(model.deleted == 0)

def bed():
    return model_query(Bed).first().wide()

def room():
    return model_query(Room).first().size
"""


def test_queries_give_instances_of_what_they_ask_for(tmp_path: Path) -> None:
    (tmp_path / "hotel.py").write_text(PROGRAM)
    found = own_edges(read([str(tmp_path / "hotel.py")], processes=1))
    wanted = {
        ("hotel:by_name", "hotel:Room.size"),
        ("hotel:everything", "hotel:Room.size"),
        ("hotel:as_mapping", "hotel:Room._extra_keys"),
        ("hotel:as_mapping", "hotel:Room.size"),
        ("hotel:Room.size", "hotel:Bed.wide"),
        ("hotel:bed", "hotel:Bed.wide"),
        ("hotel:room", "hotel:Room.size"),
    }
    assert wanted <= found.keys()
    assert ("hotel:room", "hotel:Bed.wide") not in found
    assert ("hotel:bed", "hotel:Room.size") not in found
