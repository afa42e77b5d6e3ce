"""How the web page looks: every state on wide and narrow screens, in both themes and languages; in a real Chromium.

With the environment variable SCREENSHOTS, each state is also kept there as a picture, for people to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.page.album import NARROWEST, PHONE, WIDE, ZOOMED, Album
from tests.page.images import png
from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system

CONTRAST = """() => {
    const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const colour = (name) => {
        const probe = document.body.appendChild(document.createElement("i"));
        probe.style.color = `var(--${name})`;
        const found = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number);
        probe.remove();
        return found;
    };
    return Object.fromEntries(%s.map(([ink, ground]) => {
        const [a, b] = [light(colour(ink)), light(colour(ground))].sort((x, y) => y - x);
        return [`${ink} on ${ground}`, (a + 0.05) / (b + 0.05)];
    }));
}"""
TEXTS = [
    *([ink, ground] for ink in ("ink", "soft", "faint") for ground in ("paper", "shell", "raised")),
    *(["accent-strong", ground] for ground in ("paper", "shell", "raised", "accent-soft")),
    *(["ink", ground] for ground in ("amber-soft", "accent-soft", "code")),
    ["on-accent", "accent"],
    ["on-accent", "accent-strong"],
    ["danger", "paper"],
    ["danger", "raised"],
    ["danger", "danger-soft"],
    ["amber", "amber-soft"],
    ["paper", "danger"],
]


@pytest.fixture(scope="module")
def town(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school where a class has talked for a while."""
    school = School(browser, tmp_path_factory.mktemp("school"), "--set", "limits.messages_per_second=0")
    try:
        lively(school)
        yield school
        school.close()
    finally:
        school.kill()


SAID = (
    ("Mme Durand", "Bonjour à tous ! Le sujet du **TP 4** est en ligne : https://forge.example.org/tp4"),
    ("Karim", "Merci madame. On rend pour quand ?"),
    ("Mme Durand", "Pour *vendredi soir*, sur la forge. Pensez au `README.md`."),
    (
        "Inès Moreau",
        "Chez moi le serveur ne démarre pas :\n```\nERREUR  port 8080 déjà pris\n```\nvous avez ça aussi ?",
    ),
    ("léo", "Oui ! `ss -ltnp` dit qui l’occupe 👀"),
    ("Inès Moreau", "> ss -ltnp\n\nTrouvé, c’était mon ancien terminal. Merci @léo"),
    ("Karim", "🎉🎉"),
)


def lively(school: School) -> None:
    """Let people say what people in a class say."""
    assert school.server.ctl("create", "#annonces", "open").returncode == 0
    with ExitStack() as stack:
        people = {name: stack.enter_context(school.server.client()) for name in dict(SAID)}
        for name, client in people.items():
            client.register(name).hello()
        assert school.server.ctl("role", "Mme Durand", "moderator").returncode == 0

        def ask(name: str, **request: Any) -> Any:
            people[name].send(id="asked", **request)
            return people[name].until(id="asked")

        numbers = [ask(name, type="message", content=content)["message_id"] for name, content in SAID]
        for name in ("Karim", "léo", "Mme Durand"):
            ask(name, type="react", message_id=numbers[5], emoji="👏")
        ask("léo", type="message", content="Vendredi 20 h, c’est noté ?", reply_to=numbers[2])
        ask("Mme Durand", type="topic", channel="#général", topic="Réseaux et systèmes, groupe B")


def arrive(town: School, name: str, **context: Any) -> Visitor:
    visitor = town.member(name, **{"viewport": WIDE, **context})
    expect(visitor.message("Vendredi 20 h, c’est noté ?")).to_be_visible()
    return visitor


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_can_be_read_on_their_ground(town: School, theme: Any) -> None:
    """Each colour of text has a contrast of 4.5 on each ground that it stands on: WCAG 2.2, 1.4.3."""
    visitor = town.visit("someone", color_scheme=theme)
    visitor.sees_text("ClassCord")
    found: dict[str, float] = visitor.page.evaluate(CONTRAST % TEXTS)
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_way_in(town: School, album: Album, theme: Any) -> None:
    visitor = town.visit("someone", viewport=WIDE, color_scheme=theme)
    for tab in ("Se connecter", "Créer un compte", "Invité"):
        visitor.page.get_by_role("tab", name=tab).click()
        album.keep(visitor.page, f"entry-{tab.split()[0].lower()}-{theme}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_conversation(town: School, album: Album, theme: Any) -> None:
    """Somebody whom others call and write to, in a channel where much is said."""
    name = {"light": "Alice Petit", "dark": "Nora Petit"}[theme]
    visitor = arrive(town, name, color_scheme=theme)
    for channel in ("dev", "annonces"):
        visitor.join(channel)
        expect(visitor.page.locator(".conversation-title h2")).to_have_text(channel)
    visitor.open("général")
    with ExitStack() as stack:
        people = {one: stack.enter_context(town.server.client().login(one)) for one in dict(SAID)}
        for client in people.values():
            client.ask(type="users")
        for one in ("léo", "Inès Moreau"):
            people[one].say("Quelqu’un a relu ma branche ?", channel="#dev")
            people[one].send(type="message", subtype="private", to=name, content="Tu viens ce soir ?")
        people["Mme Durand"].say(f"@{name} pense au compte rendu", channel="#annonces")
        expect(visitor.entry("dev").locator(".count")).to_contain_text("2")
        expect(visitor.entry("annonces").locator(".count.calls")).to_contain_text("1")
        expect(visitor.entry("léo").locator(".count.calls")).to_contain_text("1")
        visitor.page.mouse.move(0, 0)
        album.keep(visitor.page, f"conversation-{theme}")
        visitor.page.locator(".message", has_text="Pensez au").first.hover()
        album.keep(visitor.page, f"conversation-hover-{theme}")


def attach(visitor: Visitor, name: str, content: bytes, type_: str) -> None:
    file: Any = {"name": name, "mimeType": type_, "buffer": content}
    visitor.page.set_input_files("input[type=file]", file)


Step = Callable[[Visitor], None]
STATES: dict[str, tuple[Step, ...]] = {
    "search": (
        lambda one: one.press("Recherche"),
        lambda one: one.page.get_by_label("Mots à chercher").fill("tp"),
        lambda one: one.page.keyboard.press("Enter"),
        lambda one: one.sees_text("Voir en contexte"),
        lambda one: expect(one.page.locator("mark").first).to_have_text("TP"),
    ),
    "search-empty": (lambda one: one.press("Recherche"),),
    "pins-empty": (lambda one: one.press("Messages épinglés"),),
    "browse": (lambda one: one.press("Parcourir les salons"), lambda one: one.sees_text("Rejoindre")),
    "create": (lambda one: one.press("Créer un salon"), lambda one: one.sees_text("Qui peut entrer")),
    "switcher": (
        lambda one: one.page.keyboard.press("Control+k"),
        lambda one: one.page.get_by_role("combobox").fill("e"),
    ),
    "keys": (lambda one: one.page.keyboard.press("Control+/"), lambda one: one.sees_text("Aller à la ligne")),
    "person": (
        lambda one: one.page.locator(".author", has_text="Inès Moreau").first.click(),
        lambda one: one.sees_text("Bloquer"),
    ),
    "settings": (lambda one: one.press("Réglages"), lambda one: one.sees_text("Prénom")),
    "settings-look": (lambda one: one.press("Réglages"), lambda one: one.press("Langue et apparence")),
    "settings-sessions": (
        lambda one: one.press("Réglages"),
        lambda one: one.press("Appareils connectés"),
        lambda one: one.sees_text("cette page"),
    ),
    "states": (lambda one: one.page.locator(".self-button").click(), lambda one: one.sees_text("Ne pas déranger")),
    "about": (
        lambda one: one.press("Plus d’actions"),
        lambda one: one.page.get_by_role("menuitem").first.click(),
        lambda one: one.sees_text("Description"),
    ),
    "files": (
        lambda one: attach(one, "schéma du réseau.png", png(832, 400), "image/png"),
        lambda one: attach(one, "Compte rendu du TP 4, groupe B.txt", b"Nous avons...", "text/plain"),
        lambda one: one.say("Voici le schéma et le compte rendu"),
        lambda one: expect(one.page.locator(".file-card")).to_have_count(1),
        lambda one: attach(one, "photo.png", png(300, 200), "image/png"),
        lambda one: attach(one, "vide.txt", b"", "text/plain"),
        lambda one: one.sees_text("Ce fichier est vide."),
    ),
    "emoji": (lambda one: one.press("Choisir un emoji"), lambda one: one.sees_text("Visages")),
    "completion": (
        lambda one: one.field.press_sequentially("Merci @"),
        lambda one: expect(one.page.get_by_role("listbox")).to_be_visible(),
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_a_state(town: School, album: Album, state: str) -> None:
    """Nothing is outside of the screen, wide or narrow."""
    visitor = arrive(town, state)
    for step in STATES[state]:
        step(visitor)
    album.keep(visitor.page, f"{state}")
    for name, size in (("phone", PHONE), ("zoomed", ZOOMED), ("narrowest", NARROWEST)):
        if state in ("emoji", "completion"):
            break  # they are placed where they were asked for
        visitor.page.set_viewport_size(size)  # type: ignore[arg-type]
        album.keep(visitor.page, f"{state}-{name}")


@pytest.mark.parametrize("size", [PHONE, ZOOMED, NARROWEST], ids=["phone", "zoomed", "narrowest"])
def test_a_small_screen(town: School, album: Album, size: dict[str, int]) -> None:
    """All that a wide screen shows can be reached on a narrow one; nothing has to be scrolled sideways."""
    name = f"petit {size['width']}"
    visitor = arrive(town, name, viewport=size, has_touch=True)
    album.keep(visitor.page, f"small-{size['width']}")
    visitor.press("Ouvrir la liste des conversations")
    expect(visitor.entry("général")).to_be_in_viewport()
    visitor.page.wait_for_function("() => document.querySelector('.sidebar').getBoundingClientRect().left === 0")
    album.keep(visitor.page, f"small-{size['width']}-list")
    visitor.open("général")
    visitor.say(f"D’ici, {name}")
    visitor.sees(f"D’ici, {name}")
    expect(visitor.field).to_be_in_viewport()
    visitor.press("Membres")
    album.keep(visitor.page, f"small-{size['width']}-members")


def test_people_who_are_not_here_are_found(town: School) -> None:
    """Who has written and left stands apart among the members, and can be written to."""
    visitor = arrive(town, "Chloé")
    away = visitor.page.locator(".people", has_text="Hors ligne")
    expect(away.get_by_role("button", name="Karim")).to_be_visible()
    staff = visitor.page.locator(".people", has_text="Modération")
    expect(staff.get_by_role("button", name="Mme Durand")).to_be_visible()  # whom to turn to, later
    visitor.page.keyboard.press("Control+k")
    visitor.page.get_by_role("combobox").fill("karim")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_placeholder("Écrire à Karim")).to_be_visible()


def test_what_is_pressed_stays_under_the_pointer(town: School) -> None:
    """A second click hits the same button: opening the search or another page of the settings moves nothing."""
    visitor = arrive(town, "Malo")

    def place(name: str) -> Any:
        return visitor.page.get_by_role("button", name=name, exact=True).bounding_box()

    search = place("Recherche")
    visitor.press("Recherche")
    expect(visitor.page.get_by_label("Mots à chercher")).to_be_visible()
    assert place("Recherche") == search
    visitor.press("Réglages")
    visitor.sees_text("Prénom")
    tab = place("Notifications")
    for page in ("Langue et apparence", "Notifications", "Appareils connectés"):
        visitor.press(page)
        assert place("Notifications") == tab


@pytest.mark.parametrize("theme", ["Clair", "Sombre"])
def test_a_row_of_tabs_shows_at_which_end_it_goes_on(town: School, theme: str) -> None:
    """On the narrowest screen its edges lie in shade, in both themes, wherever there are more tabs; and only there."""
    visitor = arrive(town, f"Onglets {theme}")
    visitor.press("Réglages")
    visitor.press("Langue et apparence")
    visitor.page.get_by_text(theme, exact=True).click()
    visitor.press("Profil")
    visitor.page.set_viewport_size(NARROWEST)  # type: ignore[arg-type]
    row = visitor.page.locator("nav.pages")
    expect(row).to_have_css("overflow-x", "auto")
    for place, shaded in ((0, [False, True]), (100, [True, True]), (9999, [True, False])):
        row.evaluate("(row, place) => { row.scrollLeft = place; }", place)
        picture = Image.open(BytesIO(row.screenshot(animations="disabled"))).convert("L")
        line = picture.crop((0, 2, picture.width, 3)).tobytes()  # above the words
        left, beside, right = line[0], line[len(line) // 2], line[-1]
        assert [edge < beside - 8 for edge in (left, right)] == shaded, place


def test_the_members_do_not_cover_a_window_that_became_narrow(town: School) -> None:
    """They were open only because there was room."""
    visitor = arrive(town, "Hugo")
    expect(visitor.page.locator(".panel")).to_be_visible()
    visitor.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(visitor.page.locator(".panel")).to_have_count(0)
    visitor.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    expect(visitor.page.locator(".panel")).to_be_visible()


def test_the_way_out_is_beside_ones_state(town: School) -> None:
    visitor = arrive(town, "Manon")
    visitor.page.locator(".self-button").click()
    visitor.page.get_by_role("menuitem", name="Se déconnecter").click()
    expect(visitor.page.get_by_role("tab", name="Créer un compte")).to_be_visible()


def test_a_password_can_be_looked_at(town: School) -> None:
    visitor = town.visit("someone")
    field = visitor.page.get_by_label("Mot de passe", exact=True)
    field.fill("azerty")
    visitor.press("Afficher le mot de passe")
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value("azerty")


def test_another_language_and_theme_are_chosen(town: School, album: Album) -> None:
    """English and the dark are a choice that stays; the server's own sentences follow."""
    visitor = arrive(town, "john")
    visitor.press("Réglages")
    visitor.press("Langue et apparence")
    visitor.page.get_by_text("Sombre", exact=True).click()
    visitor.page.get_by_text("English", exact=True).click()
    expect(visitor.page.get_by_role("heading", name="Settings")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    visitor.page.reload()
    expect(visitor.page.get_by_placeholder("Write to #général")).to_be_visible()
    assert visitor.page.evaluate("document.documentElement.dataset.theme") == "dark"
    album.keep(visitor.page, "english-dark")


def test_a_browser_in_english_begins_in_english(town: School) -> None:
    visitor = town.visit("someone", locale="en-GB")
    expect(visitor.page.get_by_role("tab", name="New account")).to_be_visible()
    assert visitor.page.evaluate("document.documentElement.lang") == "en"


def test_a_person_is_called(town: School, album: Album) -> None:
    """A private message and the list say so in the title of the page, for who looks elsewhere."""
    visitor = arrive(town, "appelée")
    with town.server.client().login("Karim") as karim:
        karim.send(type="message", subtype="private", to="appelée", content="Tu as la correction ?")
        expect(visitor.entry("Karim").locator(".count")).to_contain_text("1")
        assert visitor.page.title().startswith("(1) ")
        album.keep(visitor.page, "private-unread")
        visitor.open("Karim")
        visitor.sees("Tu as la correction ?")
        album.keep(visitor.page, "private")


def test_the_link_is_lost(school: School, album: Album) -> None:
    """The page says that the link is lost, what waits, and what can be done."""
    visitor = school.member("alice", viewport=WIDE)
    visitor.say("Avant")
    visitor.sees("Avant")
    school.stop()
    visitor.sees_text("Connexion perdue")
    visitor.say("Pendant la coupure")
    expect(visitor.page.locator(".connection")).to_contain_text("1\u00a0en attente")
    album.keep(visitor.page, "offline")
    school.start_again()
    visitor.sees("Pendant la coupure")


def test_little_is_transferred_before_the_page_is_there(school: School) -> None:
    """A browser that has nothing of it shows the way in after less than 100 kB, all headers included."""
    page = school.browser.new_context(locale="fr-FR").new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(school.url, wait_until="networkidle")
    expect(page.get_by_role("tab", name="Se connecter")).to_be_visible()
    assert 20_000 < sum(sizes) < 100_000
    page.close()
