"""Loaded by tests/other-day.sh: libfaketime refuses the way in which Python 3.11 sleeps, and subprocess waits so."""

from __future__ import annotations

import select
import time
from typing import SupportsIndex


def sleep(seconds: float | SupportsIndex, /) -> None:
    select.select([], [], [], float(seconds))


time.sleep = sleep
