"""What people write is read as text with a few marks, never as HTML; by the page's own module, in a real Chromium."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.visitors import School

pytestmark = pytest.mark.system

ATTACKS = (
    "<script>document.title = 'hacked'</script>",
    "<img src=x onerror=\"document.title='hacked'\">",
    "<svg onload=\"document.title='hacked'\">",
    "<iframe src=\"javascript:document.title='hacked'\">",
    "javascript:document.title='hacked'",
    "http://example.org/\"onmouseover=\"document.title='hacked'",
    "[x](javascript:document.title='hacked')",
    "`<b>`**<i>**",
    "&lt;script&gt;",
    "data:text/html,<script>document.title='hacked'</script>",
    "http://javascript:document.title='hacked'@example.org/",
    "https://example.org/<script>",
    "{{constructor.constructor('document.title=1')()}}",
    "${document.title='hacked'}",
)
MARKS = (
    "**",
    "*",
    "__",
    "_",
    "~~",
    "`",
    "```",
    "\n",
    "> ",
    "http://",
    "https://a.b/",
    "@",
    "#",
    "(",
    ")",
    " ",
    "é",
    "<",
    "😀",
    "x",
)


class Reader:
    """The page's module text.js."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def parse(self, content: str, *mentioned: str) -> Any:
        code = "async ([text, names]) => (await import('/app/text.js')).parse(text, names)"
        return self._page.evaluate(code, [content, mentioned])

    def line(self, content: str, *mentioned: str) -> Any:
        """Return the parts of a text that is one paragraph."""
        (block,) = self.parse(content, *mentioned)
        assert block["kind"] == "paragraph"
        return block["children"]


@pytest.fixture(scope="module")
def reader(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    school = School(browser, tmp_path_factory.mktemp("school"))
    try:
        yield Reader(school.visit("reader").page)
    finally:
        school.kill()


def text(words: str) -> dict[str, Any]:
    return {"kind": "text", "text": words}


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("un **mot** fort", [text("un "), {"kind": "strong", "children": [text("mot")]}, text(" fort")]),
        ("un *mot* penché", [text("un "), {"kind": "emphasis", "children": [text("mot")]}, text(" penché")]),
        ("~~faux~~", [{"kind": "strike", "children": [text("faux")]}]),
        ("`a*b*c`", [{"kind": "code", "text": "a*b*c"}]),
        ("2 * 3 * 4", [text("2 * 3 * 4")]),
        ("un_nom_de_variable", [text("un_nom_de_variable")]),
        ("** rien **", [text("** rien **")]),
        ("a\nb", [text("a"), {"kind": "break"}, text("b")]),
        (
            "**a *b* c**",
            [{"kind": "strong", "children": [text("a "), {"kind": "emphasis", "children": [text("b")]}, text(" c")]}],
        ),
    ],
)
def test_marks(reader: Reader, content: str, parts: list[Any]) -> None:
    """Emphasis closes where it was opened; a mark alone is a character."""
    assert reader.line(content) == parts


@pytest.mark.parametrize(
    ("content", "address"),
    [
        ("voir https://example.org/a?b=c#d.", "https://example.org/a?b=c#d"),
        ("(http://example.org/x_(y))", "http://example.org/x_(y)"),
        ("« https://example.org »", "https://example.org"),
        ("**https://example.org**", None),
        ("javascript:alert(1)", None),
        ("http://", None),
    ],
)
def test_links(reader: Reader, content: str, address: str | None) -> None:
    """Only http and https are links; the sentence's own punctuation does not belong to them."""
    links = [part for part in reader.line(content) if part["kind"] == "link"]
    assert [link["address"] for link in links] == ([address] if address else [])


def test_mentions_and_channels(reader: Reader) -> None:
    """Whom the server calls mentioned is one, also with a space in the name; a channel is a word after #."""
    parts = reader.line("@Bob Martin et @bob, dans #dev ! mail@bob", "bob", "Bob Martin")
    assert [(part["kind"], part.get("name")) for part in parts if part["kind"] != "text"] == [
        ("mention", "Bob Martin"),
        ("mention", "bob"),
        ("channel", "#dev"),
    ]


def test_blocks(reader: Reader) -> None:
    """A block of code keeps its lines as they are; a quotation ends with its lines; a fence alone is text."""
    code, paragraph, quote = reader.parse("```py\nx = **1**\n\n  y\n```\net\n> ceci\n> cela")
    assert code == {"kind": "code", "language": "py", "text": "x = **1**\n\n  y"}
    assert paragraph["children"] == [text("et")]
    assert quote["kind"] == "quote"
    assert [part["kind"] for part in quote["children"]] == ["text", "break", "text"]
    assert reader.line("```py\nx")[0] == text("```py")


def written(part: dict[str, Any]) -> str:
    """Return all text of a part and of those within it."""
    own = {"break": "\n", "mention": f"@{part.get('name')}"}.get(
        part["kind"], part.get("text") or part.get("name") or ""
    )
    return own + "".join(map(written, part.get("children", ())))


def test_whatever_is_written_is_shown(reader: Reader) -> None:
    """Of a thousand random texts no letter is lost, and none makes a part of an unknown kind."""
    random.seed(12)
    for _ in range(1000):
        content = "".join(random.choice(MARKS) for _ in range(random.randrange(1, 40)))
        shown = "".join(map(written, reader.parse(content)))
        assert [letter for letter in shown if letter in "é😀x<"] == [letter for letter in content if letter in "é😀x<"]


@pytest.mark.parametrize(
    "mark", ["*", "**a ", "_a", "`", "~~x", "> ", "http://(", "#a", "[](", "```\n", "@", "*a **b "]
)
def test_hostile_texts_are_read_in_time(reader: Reader, mark: str) -> None:
    """A text of the greatest length is read at once, whatever it repeats: twice as long takes no four times as long.

    The steps are counted by the characters that the module looks at, not by a clock.
    """
    content = (mark * 10_000)[:10_000]
    looked = """async ([text]) => {
        const { parse } = await import('/app/text.js');
        const count = (content) => {
            let looks = 0;
            const { indexOf, startsWith, slice } = String.prototype;
            String.prototype.indexOf = function (...given) {
                const found = indexOf.apply(this, given);
                looks += (found < 0 ? this.length : found) - (given[1] ?? 0);
                return found;
            };
            try { parse(content); } finally { Object.assign(String.prototype, { indexOf, startsWith, slice }); }
            return looks;
        };
        return [count(text.slice(0, text.length / 2)), count(text)];
    }"""
    half, whole = reader._page.evaluate(looked, [content])
    assert whole <= 3 * half + 100_000


def test_attacks_are_text(school: School) -> None:
    """What could be a script elsewhere stands on the page as it was written, in a message, a topic and a profile."""
    alice, bob = school.member("alice"), school.member("bob")
    title = bob.page.title()
    for attack in ATTACKS:
        alice.say(attack)
        expect(bob.page.locator(".message").last).to_contain_text(attack.replace("`<b>`**<i>**", "<b>")[:20])
    alice.press("Créer un salon")
    dialog = alice.page.get_by_role("dialog")
    dialog.get_by_label("Nom du salon").fill("attaque")
    dialog.get_by_label("Sujet (facultatif)").fill(ATTACKS[1])
    alice.press("Créer le salon", dialog)
    expect(alice.page.locator(".topic")).to_have_text(ATTACKS[1])
    assert bob.page.title() == title
    assert bob.page.locator(".content img, .content svg, .content script, .content iframe").count() == 0
    for address in bob.page.locator(".content a").evaluate_all("links => links.map(link => link.protocol)"):
        assert address in ("http:", "https:")
