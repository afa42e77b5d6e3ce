"""What a value of a setting may be."""

from __future__ import annotations

import pytest

from classcord.settings import load
from tests.settings.refused import loads_plugins, refusal


class TestEndpoint:
    @loads_plugins
    @pytest.mark.parametrize(
        "endpoint",
        [
            "tcp:12345",
            "tcp:port=12345:interface=127.0.0.1",
            "tcp6:12345",
            "tcp:12345:interface=\\:\\:1",
            "unix:/run/classcord/chat:mode=660",
            "systemd:domain=INET6:name=chat",
        ],
    )
    def test_is_what_twisted_listens_on(self, endpoint: str) -> None:
        """Every kind of endpoint that the server is started with is accepted; nothing is opened to find out."""
        assert load(None, [f"listen.chat={endpoint}"]).listen.chat == (endpoint,)

    @loads_plugins
    @pytest.mark.parametrize(
        "endpoint",
        [
            "tcp:abc",
            "tcp:99999",
            "tcp:-1",
            "tcp6:99999",
            "tcp:",
            "tcp",
            "tpc:1",
            ":",
            "systemd:chat",
            "tcp:1:nope=2",
            "haproxy:tcp:99999",
        ],
    )
    def test_is_refused_before_the_start(self, endpoint: str) -> None:
        """An endpoint that nothing could listen on is told by its place in the list."""
        right = 'an endpoint such as "tcp:12345" or "unix:/run/classcord/chat"'
        assert refusal(None, f'listen.tls=["tcp:1", "{endpoint}"]') == (
            f'--set: [listen] tls #2 is "{endpoint}", but must be {right}.'
        )
