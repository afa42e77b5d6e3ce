"""Measure how smoothly the web page scrolls: frame by frame, in a real Chromium, through ten thousand messages.

    python -m bench.scrolling [--messages 10000]

A real server has one channel with so many messages. A page opens it and scrolls up until the first message is in view,
then down to the last one. Told is how long the frames took, how many messages the document had at the most, and what
JavaScript had in use at the end. Chromium draws on the processor here: with a graphics card it is faster.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

if __package__:
    from tests.page.visitors import School, Visitor, chromium
    from tests.server import Client
else:
    sys.exit("run it from the root of the project: python -m bench.scrolling")

AT_ONCE = 500  # messages that a client sends before it waits for the answer to the last
FRAME = 1000 / 60  # milliseconds
SCROLL = """([by, wanted]) => new Promise((done) => {
    const view = document.querySelector(".log");
    const frames = [];
    let most = 0, before = null;
    const step = (now) => {
        if (before !== null) frames.push(now - before);
        before = now;
        const rows = view.querySelectorAll("[data-id]");
        most = Math.max(most, rows.length);
        const edge = (by < 0 ? rows[0] : rows[rows.length - 1])?.querySelector(".content")?.textContent.trim();
        const left = by < 0 ? view.scrollTop : view.scrollHeight - view.scrollTop - view.clientHeight;
        if (left < 2 && edge?.split(/\\s/)[1] === String(wanted)) {
            done({ frames, most, memory: performance.memory?.usedJSHeapSize ?? 0 });
            return;
        }
        view.scrollTop += by;
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
})"""
"""Scrolls by some pixels a frame until the message of a number is at the edge; returns each frame's milliseconds."""


def content(number: int) -> str:
    """Return a message as people write them: short, sometimes long, sometimes with a link or marks."""
    extra = ("", " **important**", " https://exemple.fr/cours", " " + "une phrase un peu plus longue " * (number % 9))
    return f"message {number}{extra[number % 4]}".strip()


def fill(client: Client, messages: int) -> None:
    """Write messages to everyone."""
    for first in range(0, messages, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, messages))
        client.send(*({"type": "message", "content": content(number), "id": number} for number in numbers))
        client.until(id=numbers[-1])


def scrolled(visitor: Visitor, pixels: int, wanted: int) -> dict[str, Any]:
    """Scroll so many pixels a frame until a message is reached."""
    found: dict[str, Any] = visitor.page.evaluate(SCROLL, [pixels, wanted])
    return found


def row(way: str, found: dict[str, Any]) -> str:
    """Return a line of the table."""
    frames = sorted(found["frames"])
    late = sum(each > 1.5 * FRAME for each in frames)
    at = {part: frames[min(len(frames) - 1, int(len(frames) * part))] for part in (0.5, 0.95, 0.99)}
    figures = f"{at[0.5]:7.1f} {at[0.95]:7.1f} {at[0.99]:7.1f} {frames[-1]:7.1f} {100 * late / len(frames):6.1f} %"
    return f"{way:5} {len(frames):7} {figures} {found['most']:9} {found['memory'] / 1e6:8.1f}"


def main() -> None:
    """Run the measurement and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--pixels", type=int, default=400, help="how far each frame goes (default: 400)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        school = School(browser, Path(folder), "--set", "limits.messages_per_second=0")
        try:
            with school.server.client() as writer:
                fill(writer.register("ada").hello(), asked.messages)
            visitor = school.member("bob")
            visitor.sees_text(f"message {asked.messages - 1}")
            print(f"{asked.messages:,} messages, {asked.pixels} pixels a frame")
            print("way    frames     p50     p95     p99    most    late  messages  memory MB")
            print(row("up", scrolled(visitor, -asked.pixels, 0)))
            print(row("down", scrolled(visitor, asked.pixels, asked.messages - 1)))
            school.close()
        finally:
            school.kill()


if __name__ == "__main__":
    main()
