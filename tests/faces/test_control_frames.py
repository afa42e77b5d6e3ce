"""The frames of the control socket."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classcord.faces.control.frames import INPUT, LONGEST, OUTPUT, BadFrame, Reader, frame, frames


@given(st.lists(st.binary(max_size=40), max_size=5), st.integers(min_value=1, max_value=9))
@settings(max_examples=50)
def test_frames_come_back_whole(payloads: list[bytes], size: int) -> None:
    """In whatever pieces they arrive."""
    data = b"".join(frame(OUTPUT, payload) for payload in payloads)
    reader = Reader()
    found = [each for start in range(0, len(data), size) for each in reader.feed(data[start : start + size])]
    assert found == [(OUTPUT, payload) for payload in payloads]


def test_much_data_is_several_frames() -> None:
    """None of them is longer than the limit."""
    found = Reader().feed(frames(INPUT, b"x" * (2 * LONGEST + 1)))
    assert [len(payload) for _, payload in found] == [LONGEST, LONGEST, 1]
    assert frames(INPUT, b"") == b""


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"I\x00\x01\x00\x01", b"\x00\x00\x00\x00\x00"])
def test_what_is_no_frame(data: bytes) -> None:
    """A kind that there is not, or a length beyond the limit, is refused before it is gathered."""
    with pytest.raises(BadFrame):
        Reader().feed(data)
