"""The key that signs purges: made once, never replaced, and refused in one line where it is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from classcord.services.administration.signing_keys import TrailKeyError, public_key, signing_key


def test_key(tmp_path: Path) -> None:
    """The key is made once, private, with its public half beside it; what one signs the other checks."""
    key = signing_key(tmp_path)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "audit_key": 0o600,
        "audit_key.pub": 0o644,
    }
    assert signing_key(tmp_path).private_bytes_raw() == key.private_bytes_raw()
    public_key(tmp_path / "audit_key.pub").verify(key.sign(b"x"), b"x")
    (tmp_path / "audit_key.pub").unlink()
    signing_key(tmp_path)
    assert public_key(tmp_path / "audit_key.pub") == key.public_key()


@pytest.mark.parametrize(
    ("lost", "content", "why"),
    [
        ("audit_key", None, "audit_key.pub: the private key of this public one is missing; put it back"),
        ("audit_key", b"nonsense", "audit_key: this is no key of an audit trail"),
        ("audit_key", b"", "audit_key: this is no key of an audit trail"),
        ("audit_key.pub", b"nonsense", "audit_key.pub: this is not the public half of "),
    ],
)
def test_unusable_key(tmp_path: Path, lost: str, content: bytes | None, why: str) -> None:
    """A key that is lost or spoilt is never replaced by another one: that would make the old checkpoints worthless."""
    signing_key(tmp_path)
    (tmp_path / lost).unlink()
    if content is not None:
        (tmp_path / lost).write_bytes(content)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(TrailKeyError) as caught:
        signing_key(tmp_path)
    assert why in str(caught.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_unusable_public_key(tmp_path: Path) -> None:
    """What is no public key of a trail is refused in one line with its name."""
    signing_key(tmp_path)
    with pytest.raises(TrailKeyError, match=r"^\S+audit_key: this is no public key"):
        public_key(tmp_path / "audit_key")
    with pytest.raises(TrailKeyError, match=r"^\S+nowhere: No such file or directory\.$"):
        public_key(tmp_path / "nowhere")
