"""A first start under a clock that is wrong, by libfaketime: all works, and what was made is made good afterwards."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography import x509

from bench.faults.clock import faked
from bench.faults.outcome import Impossible
from tests.server import running

pytestmark = pytest.mark.system


@pytest.mark.parametrize("then", ["1970-01-01 00:10:00", "2049-12-31 23:59:30", "2106-02-07 10:00:00"])
def test_a_clock_that_is_set_later(tmp_path: Path, then: str) -> None:
    """People chat over TLS, a backup is made, a mute given; the next start has a certificate that is good today."""
    clock = tmp_path / "clock"
    clock.write_text(f"@{then}", "utf-8")
    try:
        environment = faked(clock)
    except Impossible as why:
        pytest.skip(str(why))
    with running(tmp_path, environment=environment) as server, server.client("tls") as alice:
        alice.hello().register("alice")
        alice.send(type="message", content="bonjour", id=1)
        assert alice.until(id=1)["type"] == "ack"
        for command in ("backup", "mute alice 10m"):
            done = server.ctl(*command.split())
            assert (done.returncode, done.stderr) == (0, ""), command
        made = x509.load_pem_x509_certificate((server.data / "tls" / "cert.pem").read_bytes())
        assert made.not_valid_before_utc.year in {int(then[:4]), int(then[:4]) - 1}
    with running(tmp_path) as server, server.client("tls") as alice:
        alice.hello().login("alice")
        alice.send(type="message", content="bonjour encore", id=2)
        assert alice.until(id=2)["type"] == "ack"  # the mute is over
        shown = x509.load_pem_x509_certificate((server.data / "tls" / "cert.pem").read_bytes())
        assert shown.not_valid_before_utc <= datetime.now(timezone.utc) < shown.not_valid_after_utc
        assert shown.public_key() == made.public_key()
