from __future__ import annotations

from pathlib import Path

import pytest

from runtime.schemas import ENTRIES_KEPT, SchemaCache, cache_key

VERSIONS = {"nova": "34.0.0", "keystone": "30.0.0"}


def key(versions: dict[str, str] = VERSIONS, server: str = "10.11", network: str = "neutron") -> str:
    return cache_key(versions, server, network)  # type: ignore[arg-type]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "nova").mkdir(parents=True)
    (folder / "ibdata1").write_bytes(b"pages" * 100)
    (folder / "nova" / "db.opt").write_text("utf8")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> SchemaCache:
    return SchemaCache(tmp_path / "cache")


def test_the_key_follows_everything_the_schemas_depend_on() -> None:
    same = key(dict(reversed(VERSIONS.items())))
    others = [
        key({**VERSIONS, "nova": "34.0.1"}),
        key({**VERSIONS, "alembic": "1.0"}),
        key(server="11.0"),
        key(network="none"),
    ]
    assert same == key()
    assert len({key(), *others}) == len(others) + 1


def test_what_is_stored_is_restored(cache: SchemaCache, data: Path, tmp_path: Path) -> None:
    assert not cache.holds("one")
    cache.store("one", data)
    assert cache.holds("one")
    cache.restore("one", tmp_path / "restored")
    assert (tmp_path / "restored" / "ibdata1").read_bytes() == (data / "ibdata1").read_bytes()
    assert (tmp_path / "restored" / "nova" / "db.opt").read_text() == "utf8"


def test_whoever_stores_first_is_kept(cache: SchemaCache, data: Path, tmp_path: Path) -> None:
    """Two stacks may have made the same schemas side by side."""
    cache.store("one", data)
    (data / "ibdata1").write_bytes(b"others")
    cache.store("one", data)
    cache.restore("one", tmp_path / "restored")
    assert (tmp_path / "restored" / "ibdata1").read_bytes() == b"pages" * 100


def test_the_cache_is_the_owners_alone(cache: SchemaCache, data: Path, tmp_path: Path) -> None:
    cache.store("one", data)
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", ["truncated", "missing", "added", "manifest"])
def test_a_damaged_entry_does_not_count(cache: SchemaCache, data: Path, tmp_path: Path, damage: str) -> None:
    cache.store("one", data)
    entry = tmp_path / "cache" / "one"
    if damage == "truncated":
        (entry / "data" / "ibdata1").write_bytes(b"pages")
    elif damage == "missing":
        (entry / "data" / "ibdata1").unlink()
    elif damage == "added":
        (entry / "data" / "more").touch()
    else:
        (entry / "manifest.json").write_text("{")
    assert not cache.holds("one")
    cache.store("one", data)
    assert cache.holds("one")


def test_an_interrupted_store_leaves_no_entry(cache: SchemaCache, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        cache.store("one", tmp_path / "no-such-folder")
    assert not cache.holds("one")
    assert {entry.name for entry in (tmp_path / "cache").iterdir()} <= {".lock"}


def test_the_oldest_entries_go(cache: SchemaCache, data: Path) -> None:
    names = [f"key-{number}" for number in range(ENTRIES_KEPT + 2)]
    for name in names:
        cache.store(name, data)
    assert [name for name in names if cache.holds(name)] == names[2:]
