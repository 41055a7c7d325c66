"""Signed notes: byte for byte those of the reference, and nothing else opens."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from countenance.store import SignatureRefused
from countenance.store.merkle import EMPTY_ROOT
from countenance.store.notes import Checkpoint, NoteKey, open_checkpoint, open_note, sign_note

EXAMPLE = json.loads((Path(__file__).parents[2] / "vectors" / "log" / "published.json").read_text())["note"]
EXAMPLE_NOTE: str = EXAMPLE["text"] + "\n" + EXAMPLE["signature_line"]
EXAMPLE_KEY = NoteKey.from_text(EXAMPLE["verifier_key"])

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = NoteKey("countenance/dep_a", PRIVATE.public_key().public_bytes_raw())
HEAD = Checkpoint(KEY.name, 7, bytes(range(32)))


def signed(text: str) -> str:
    return sign_note(text, key=KEY, sign=PRIVATE.sign)


def test_the_reference_note_opens() -> None:
    assert open_note(EXAMPLE_NOTE, key=EXAMPLE_KEY) == EXAMPLE["text"]


def test_the_reference_note_is_made_byte_for_byte() -> None:
    material = base64.b64decode(EXAMPLE["signer_key"].split("+", 4)[4])
    private = Ed25519PrivateKey.from_private_bytes(material[1:])
    assert sign_note(EXAMPLE["text"], key=EXAMPLE_KEY, sign=private.sign) == EXAMPLE_NOTE


def test_a_verifier_key_reads_as_the_reference_writes_it() -> None:
    assert EXAMPLE_KEY.key_hash.hex() == "c74f20a3"
    assert EXAMPLE_KEY.to_text() == EXAMPLE["verifier_key"]
    assert NoteKey.from_text(KEY.to_text()) == KEY


@pytest.mark.parametrize(
    "written",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+!!!!",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
    ids=["empty", "name", "no key", "no base64", "hash", "upper case", "space", "algorithm"],
)
def test_a_malformed_verifier_key_is_refused(written: str) -> None:
    with pytest.raises(SignatureRefused):
        NoteKey.from_text(written)


@given(size=st.integers(0, 2**62), root=st.binary(min_size=32, max_size=32))
def test_a_checkpoint_survives_the_journey(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(KEY.name, size, root)
    assert open_checkpoint(signed(checkpoint.to_text()), key=KEY) == checkpoint


def test_a_checkpoint_has_three_lines_and_a_signature() -> None:
    lines = signed(HEAD.to_text()).split("\n")
    assert lines[:4] == [KEY.name, "7", base64.b64encode(HEAD.root).decode(), ""]
    assert lines[4].startswith(f"— {KEY.name} ")
    assert lines[5:] == [""]


@given(data=st.data())
def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    note = signed(HEAD.to_text())
    where = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda sign: sign != note[where]))
    with pytest.raises(SignatureRefused):
        open_checkpoint(note[:where] + other + note[where + 1 :], key=KEY)


@given(note=st.text(max_size=300))
def test_arbitrary_text_never_opens(note: str) -> None:
    with pytest.raises(SignatureRefused):
        open_checkpoint(note, key=KEY)


def test_another_key_of_the_same_name_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(SignatureRefused):
        open_note(signed(HEAD.to_text()), key=NoteKey(KEY.name, other.public_key().public_bytes_raw()))


def test_signatures_of_witnesses_are_passed_over() -> None:
    witness = Ed25519PrivateKey.from_private_bytes(bytes(32))
    witness_key = NoteKey("witness.example", witness.public_key().public_bytes_raw())
    line = sign_note(HEAD.to_text(), key=witness_key, sign=witness.sign).split("\n\n")[1]
    note = signed(HEAD.to_text()) + line
    assert open_checkpoint(note, key=KEY) == HEAD
    assert open_note(note, key=witness_key) == HEAD.to_text()


def test_a_note_with_a_witness_alone_is_refused() -> None:
    note = EXAMPLE_NOTE
    with pytest.raises(SignatureRefused, match="one signature"):
        open_note(note, key=KEY)


def test_two_signatures_of_one_key_are_refused() -> None:
    note = signed(HEAD.to_text())
    with pytest.raises(SignatureRefused, match="one signature"):
        open_note(note + note.split("\n\n")[1], key=KEY)


@pytest.mark.parametrize(
    "text",
    [
        f"countenance/dep_b\n7\n{base64.b64encode(EMPTY_ROOT).decode()}\n",
        f"{KEY.name}\n07\n{base64.b64encode(EMPTY_ROOT).decode()}\n",
        f"{KEY.name}\n-7\n{base64.b64encode(EMPTY_ROOT).decode()}\n",
        f"{KEY.name}\n7\n{base64.b64encode(bytes(31)).decode()}\n",
        f"{KEY.name}\n7\n???\n",
        f"{KEY.name}\n7\n",
        f"{KEY.name}\n7\n{base64.b64encode(EMPTY_ROOT).decode()}\nmore\n",
    ],
    ids=["another log", "leading zero", "negative", "short root", "no base64", "two lines", "extension"],
)
def test_a_signed_note_that_is_no_checkpoint_of_this_log_is_refused(text: str) -> None:
    with pytest.raises(SignatureRefused):
        open_checkpoint(signed(text), key=KEY)


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "return\r\n", "zero\x00\n"])
def test_text_with_control_characters_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="control"):
        signed(text)


@pytest.mark.parametrize(("name", "length"), [("", 32), ("a b", 32), ("a+b", 32), ("a\nb", 32), ("a", 31)])
def test_a_key_has_a_plain_name_and_32_bytes(name: str, length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        NoteKey(name, bytes(length))


def test_a_signature_of_another_length_is_refused() -> None:
    with pytest.raises(SignatureRefused, match="length"):
        open_note(sign_note("text\n", key=KEY, sign=lambda _: bytes(63)), key=KEY)
