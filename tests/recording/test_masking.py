"""What is recognised as a secret, and what is not."""

from __future__ import annotations

import pytest

from tracer.recording.probe.masking import Masker


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "admin_pass_word_passwd",
        "adminPass",
        "auth_token",
        "X-Auth-Token",
        "HTTP_X_AUTH_TOKEN",
        "user_data",
        "userdata",
        "client_secret",
        "credentials",
        "private_key",
        "key_material",
        "transport_url",
        "sql_connection",
        "injected_files",
        "authorization",
    ],
)
def test_secret_names(name: str) -> None:
    """However they are written."""
    assert Masker().secret_name(name)


@pytest.mark.parametrize(
    "name", ["instance_uuid", "name", "flavor", "host", "author", "key", "context", "path"]
)
def test_innocent_names(name: str) -> None:
    """What most arguments are called is shown."""
    assert not Masker().secret_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "gAAAAABmZmZmZmZm",
        "-----BEGIN CERTIFICATE-----",
        "mysql+pymysql://nova:hunter2@localhost/nova",
        "rabbit://stack:pw@127.0.0.1:5672/",
        "authorization: Bearer abcdef012345",
        "eyJhbGciOi.eyJzdWIiOiIx",
        "$6$rounds=4096$saltsalt$hash",
        '{"adminPass": "x"}',
        "connect password=x host=y",
        "ssh-rsa AAAAB3Nza",
        "a" * 64,
    ],
)
def test_secret_shapes(text: str) -> None:
    """By what they look like, wherever they stand."""
    assert Masker().secret_text(text)
    assert Masker().secret_text(f"before {text} after")


@pytest.mark.parametrize(
    "text",
    [
        "ACTIVE",
        "http://127.0.0.1:8774/v2.1/servers",
        "nova.compute.manager",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "req-6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "/var/lib/nova/instances",
        "Build of instance failed: no hosts",
        "user@example.com",
    ],
)
def test_innocent_texts(text: str) -> None:
    """Names, states, addresses, ids and messages are shown."""
    assert not Masker().secret_text(text)


def test_a_secret_once_met_is_recognised_anywhere() -> None:
    """Alone, inside of other texts, and in texts that were taken for safe before."""
    masker = Masker()
    before = "the word is Zr7-quokka"
    assert not masker.secret_text(before)
    masker.looked_at[before] = "kept"
    masker.remember("password", "Zr7-quokka")
    assert masker.secret_text(before)
    assert before not in masker.looked_at
    assert masker.withheld_id("Zr7-quokka")


def test_secrets_in_containers_are_met() -> None:
    """Several levels down, in a request's body or a message."""
    masker = Masker()
    masker.scan({"server": {"name": "one", "nested": [{"adminPass": "Zr7-quokka"}]}})
    assert masker.secret_text("Zr7-quokka")
    assert not masker.secret_text("one")


def test_everyday_words_do_not_become_secrets() -> None:
    """Else half of all texts would be withheld."""
    masker = Masker()
    masker.remember("token", "admin")
    masker.remember("password", "12345678")
    masker.remember("token", "compute")
    assert not masker.secret_text("admin")
    assert not masker.secret_text("12345678 bytes")
    assert not masker.secret_text("compute.host")
    assert masker.secret_text("compute")
