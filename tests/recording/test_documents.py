"""What is handed to libvirt is kept whole, but for the secrets in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.probed import TRACE, Engine, engines, name, only_record, run_probed
from tracer.recording.probe.documents import DOCUMENT_AT_MOST, WITHHELD, shown_document
from tracer.recording.probe.masking import Masker

DOMAIN = """<?xml version="1.0"?>
<domain type="qemu">
  <uuid>6ba7b810-9dad-11d1-80b4-00c04fd430c8</uuid>
  <!-- written by hand -->
  <devices>
    <disk><source file="/var/lib/nova/instances/6ba7b810-9dad-11d1-80b4-00c04fd430c8/disk"/></disk>
    <serial type="pty"><log file='/tmp/console.log' append="off"/></serial>
  </devices>
</domain>
"""


def test_a_document_without_secrets_is_shown_as_it_is() -> None:
    """Long paths of files are not taken for keys."""
    assert shown_document(DOMAIN, Masker()) == DOMAIN


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('<graphics passwd="hunter2" port="-1"/>', f'<graphics passwd="{WITHHELD}" port="-1"/>'),
        ("<password>hunter2</password>", f"<password>{WITHHELD}</password>"),
        ("<auth><a b='hunter2'>hunter2</a></auth>", f"<auth><a b='{WITHHELD}'>{WITHHELD}</a></auth>"),
        ('<entry name="token">hunter2</entry>', f'<entry name="token">{WITHHELD}</entry>'),
        ('<entry name="token" value="hunter2"/>', f'<entry name="token" value="{WITHHELD}"/>'),
        ('<qemu arg="secret=hunter2"/>', f'<qemu arg="{WITHHELD}"/>'),
        ("<a>password=&quot;hunter2&quot;</a>", f"<a>{WITHHELD}</a>"),
        ("<a>&#104;unter2</a>", f"<a>{WITHHELD}</a>"),
        ("<!-- token: hunter2 --><a/>", f"<!--{WITHHELD}--><a/>"),
        ("<a><![CDATA[token=hunter2]]></a>", f"<a><![CDATA[{WITHHELD}]]></a>"),
        (f"<a>{'hunter2' * 10}</a>", f"<a>{WITHHELD}</a>"),
    ],
)
def test_secrets_in_a_document_are_withheld(written: str, shown: str) -> None:
    """By the name of an attribute, of an element around, and by shape."""
    assert shown_document(written, Masker()) == shown


def test_a_secret_met_before_is_withheld() -> None:
    """Also where the markup writes its letters in another way."""
    masker = Masker()
    masker.remember("admin_password", "horse<&>staple")
    assert shown_document("<a b='x'>horse&lt;&amp;&gt;staple</a>", masker) == f"<a b='x'>{WITHHELD}</a>"


@pytest.mark.parametrize(
    "text",
    [
        "no markup at all",
        "<a><b></a></b>",
        "<a>",
        "<a b=c/>",
        "<a <b/>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<" * 10_000,
        f"<a>{' ' * DOCUMENT_AT_MOST}</a>",
    ],
    ids=lambda text: text[:12].strip(),
)
def test_what_is_no_document_is_not_shown(text: str) -> None:
    """Nor is one that is too long."""
    assert shown_document(text, Masker()) is None


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_texts_handed_to_libvirt_are_kept_whole(engine: Engine, tmp_path: Path) -> None:
    """There alone: other calls keep the beginning of a long text, or nothing of it."""
    (tmp_path / "libvirt.py").write_text("def define(xml, flags): return xml\n")
    program = f"""
import sys, libvirt
probe = sys.modules["stackwalk_probe.session"]
XML = {DOMAIN!r}.replace("</uuid>", "</uuid><vnc passwd='hunter2'/>")
def elsewhere(xml): pass
def request():
    elsewhere(XML)
    libvirt.define(XML, 1)
probe.run_as_root({TRACE!r}, request, (), {{}})
"""
    run_probed(program, tmp_path / "spool", packages=("__main__", "libvirt"), engine=engine, path=tmp_path)
    record = only_record(tmp_path / "spool")
    values = {name(record, span): span.values for span in record.spans}
    defined, other = values["define"], values["elsewhere"]
    assert defined is not None and defined.result is not None and other is not None
    shown = DOMAIN.replace("</uuid>", f"</uuid><vnc passwd='{WITHHELD}'/>")
    assert defined.arguments["xml"].text == defined.result.text == shown
    assert defined.arguments["xml"].size == len(shown) - len(WITHHELD) + len("hunter2")
    assert defined.arguments["flags"].text == "1"
    assert len(other.arguments["xml"].text) <= 120
