"""The settings' file and the command line: how they are read, and what is refused in which words."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classcord.chat.text import is_readable
from classcord.settings import ChannelSettings, Settings, SettingsError, load
from tests.settings.refused import keys, loads_plugins, refusal, written

SHIPPED = Path(__file__).parents[2] / "etc" / "classcord.toml"


class TestFile:
    def test_changes_what_it_names(self, tmp_path: Path) -> None:
        """What the file does not name keeps its default."""
        settings = load(written(tmp_path, "[limits]\nburst = 0\nmessages_per_second = 0\n"))
        assert (settings.limits.burst, settings.limits.messages_per_second) == (0, 0)
        assert settings.limits.connections == Settings().limits.connections

    def test_may_come_from_a_windows_editor(self, tmp_path: Path) -> None:
        """A byte order mark and CRLF are no obstacle."""
        file = written(tmp_path, b'\xef\xbb\xbf[server]\r\nname = "Classe \xc3\xa9t\xc3\xa9"\r\n')
        assert load(file).server.name == "Classe été"

    def test_relative_paths_start_at_the_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wherever the server is started, a path in the file means the same."""
        folder = tmp_path / "etc"
        folder.mkdir()
        monkeypatch.chdir(tmp_path)
        written(folder, '[tls]\ndirectory = "certificates"\n')
        settings = load(Path("etc/classcord.toml"))
        assert settings.tls.path(Path("data")) == folder / "certificates"

    def test_storage_and_certificate_start_at_the_data_folder(self, tmp_path: Path) -> None:
        """The database lies in the data folder unless its path is absolute; so does the certificate by default."""
        assert load().storage.path(tmp_path) == tmp_path / "classcord.db"
        assert load(None, ["storage.url=sqlite:////srv/chat.db"]).storage.path(tmp_path) == Path("/srv/chat.db")
        assert load().tls.path(tmp_path) == tmp_path / "tls"

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (
                "[limits]\nburst = \n",
                ", line 2, column 9: this is not TOML: a value is wrong or missing; a text stands in quotes.",
            ),
            ("a = " + "[" * 100_000, ": this is not TOML."),
            ("[limits]\nburst = " + "1" * 5000, ": this is not TOML."),
            (b"[server]\n# \xe9t\xe9\n", ", line 2: this is not UTF-8; save the file as UTF-8."),
            ("limits = 5\n", ": [limits] is 5, but must be a table of keys."),
            ("[[limits]]\nburst = 5\n", ': [limits] is [{"burst": 5}], but must be a table of keys.'),
            ("[limit]\n", ": there is no [limit]; did you mean [limits]?"),
            ("burst = 5\n", ": there is no [burst]; did you mean [limits] burst?"),
            ("[weather]\n", ": there is no [weather]; known are server, listen, web, tls, storage, accounts, "),
            ("[limits]\nbrust = 5\n", ": there is no [limits] brust; did you mean [limits] burst?"),
            ("[server]\nburst = 5\n", ": there is no [server] burst; did you mean [limits] burst?"),
            ("[server]\nweather = 5\n", ": there is no [server] weather; known are name, motd, language, timezone."),
            ('[listen]\nchat = "tcp:1"\n', ': [listen] chat is "tcp:1", but must be a list of endpoints such as ['),
        ],
    )
    def test_is_refused_with_its_name(self, tmp_path: Path, content: str | bytes, words: str) -> None:
        """What is not understood is told with the file, the place and what would be right."""
        file = written(tmp_path, content)
        assert refusal(file).startswith(f"{file}{words}")

    def test_must_be_readable(self, tmp_path: Path) -> None:
        """A missing file, or a folder in its place, is refused as such."""
        missing = tmp_path / "missing.toml"
        assert refusal(missing) == f"{missing}: it cannot be read: No such file or directory."
        assert refusal(tmp_path) == f"{tmp_path}: it cannot be read: Is a directory."


class TestOverride:
    def test_wins_over_the_file(self, tmp_path: Path) -> None:
        """The command line wins, the last of several too; what it replaces may even be wrong."""
        file = written(tmp_path, "[limits]\nburst = -1\nconnections = 3\n")
        limits = load(file, ["limits.burst=4", "limits.burst = 5"]).limits
        assert (limits.burst, limits.connections) == (5, 3)

    @pytest.mark.parametrize(
        ("override", "value"),
        [
            ("server.name=Classe de M. Dupont", "Classe de M. Dupont"),
            ('server.name="Classe"', "Classe"),
            ("server.name=2026", "2026"),
            ("server.motd=", ""),
            ("server.motd=a=b", "a=b"),
            ("server.motd=1\nname = 2", "1\nname = 2"),
            ("limits.messages_per_second=0.5", 0.5),
            ("accounts.guests=false", False),
            ("log.level=debug", "debug"),
            ("listen.chat=tcp:0", ("tcp:0",)),
            ('listen.chat=["tcp:0", "tcp:1"]', ("tcp:0", "tcp:1")),
            ("listen.tls=", ()),
            ("listen.tls=[]", ()),
            ("listen.ssh=tcp:2222", ("tcp:2222",)),
            ("listen.web=tcp:8080", ("tcp:8080",)),
            ("limits.shared_addresses=2001:db8::/32", ("2001:db8::/32",)),
            ('channels.list=[{name = "#dev-ops"}]', (ChannelSettings(name="#dev-ops"),)),
        ],
    )
    def test_is_read_as_it_is_meant(self, override: str, value: object) -> None:
        """TOML, else a text; a text where a list is wanted is a list of one; a number may be a name."""
        section, _, key = override.partition("=")[0].partition(".")
        table = getattr(load(None, [override]), section)
        assert getattr(table, {"list": "listed"}.get(key, key)) == value

    def test_relative_paths_start_where_the_command_is_typed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As with every command, a path that is typed is relative to the working directory."""
        monkeypatch.chdir(tmp_path)
        assert load(SHIPPED, ["tls.directory=mine"]).tls.directory == str(tmp_path / "mine")

    @pytest.mark.parametrize("override", ["limits.burst", "burst=5", "=", "burst"])
    def test_needs_its_form(self, override: str) -> None:
        """Whatever is not section.key=value is refused with that form."""
        assert refusal(None, override) == f"--set {override}: write section.key=value."

    @pytest.mark.parametrize(
        ("override", "shown", "right"),
        [
            ("limits.burst=-1", "-1", "a whole number from 0 (no limit) to 1000000000"),
            ("limits.burst=true", "true", "a whole number from 0 (no limit) to 1000000000"),
            ("limits.burst=1.5", "1.5", "a whole number from 0 (no limit) to 1000000000"),
            ("limits.messages_per_second=nan", "NaN", "a number from 0 (no limit) to 1000000"),
            ("limits.line_bytes=1023", "1023", "0 (no limit) or a whole number from 1024 to 1000000000"),
            ("limits.history_lines=201", "201", "a whole number from 0 to 200"),
            ("limits.announce_below=1e3", "1000.0", "a whole number from 0 to 1000000"),
            ("accounts.guests=maybe", '"maybe"', "true or false"),
            ("server.name=", '""', "a text of 1 to 64 characters, on one line"),
            ('server.name="a\\nb"', '"a\\nb"', "a text of 1 to 64 characters, on one line"),
            ('server.motd="\\u001b"', '"\\u001b"', "a text of at most 2000 characters"),
            ("server.language=de", '"de"', '"fr" or "en"'),
            ("server.timezone=Mars", '"Mars"', 'a time zone such as "Europe/Paris"'),
            ("server.timezone=../Paris", '"../Paris"', 'a time zone such as "Europe/Paris"'),
            ("accounts.registration=anybody", '"anybody"', '"open", "invite" or "closed"'),
            ("storage.url=mysql://chat", '"mysql://chat"', 'a file, written as in "sqlite:///classcord.db"'),
            (
                "storage.url=sqlite:///:memory:",
                '"sqlite:///:memory:"',
                'a file, written as in "sqlite:///classcord.db"',
            ),
            ("storage.synchronous=OFF", '"OFF"', '"FULL" or "NORMAL"'),
            ("channels.create=nobody", '"nobody"', '"guest", "member", "moderator", "admin" or "owner"'),
        ],
    )
    def test_is_refused_with_what_would_be_right(self, override: str, shown: str, right: str) -> None:
        """A value that no service could use is refused with its key, itself, and what would be right."""
        section, key = override.partition("=")[0].split(".")
        assert refusal(None, override) == f"--set: [{section}] {key} is {shown}, but must be {right}."

    @pytest.mark.parametrize(
        ("override", "words"),
        [
            ('["10.0.2.2", "10.0.0.1/8"]', '#2 is "10.0.0.1/8", but must be an address or a network such as '),
            ("[5]", "#1 is 5, but must be an address or a network such as "),
            ('["::ffff:10.0.0.0/104"]', '#1 is "::ffff:10.0.0.0/104", but must be an address or a network such as '),
        ],
    )
    def test_names_the_wrong_one_of_a_list(self, override: str, words: str) -> None:
        """Of a list only the entry that is wrong is shown, by its number from 1."""
        refused = refusal(None, f"limits.shared_addresses={override}")
        assert refused.startswith(f"--set: [limits] shared_addresses {words}")

    @pytest.mark.parametrize(
        ("channel", "words"),
        [
            ("5", '[channels] list #2 is 5, but must be a table such as {name = "Blabla", kind = "open"}.'),
            ("{kind = 'open'}", "[channels] list #2 has no name."),
            ("{name = 'b', knid = 'open'}", "there is no [channels] list #2 knid; did you mean kind?"),
            (
                "{name = 'b', x = 1}",
                "there is no [channels] list #2 x; known are name, kind, topic, guests, read_only, slow, hold.",
            ),
            ("{name = 'b', kind = 'default'}", '[channels] list #2 kind is "default", but must be "open", '),
            ("{name = 'b c'}", '[channels] list #2 name is "b c", but must be a name of 1 to 64 letters, digits, '),
            ("{name = 'b', guests = 1}", "[channels] list #2 guests is 1, but must be true or false."),
        ],
    )
    def test_refuses_a_channel_by_its_number(self, channel: str, words: str) -> None:
        """A channel is refused by its place in the list and the key that is wrong."""
        assert refusal(None, f"channels.list=[{{name = 'a'}}, {channel}]").startswith(f"--set: {words}")

    def test_refuses_one_channel_under_two_names(self) -> None:
        """Names that differ by `#`, accents or case alone are one name, as in the chat itself."""
        refused = refusal(None, "channels.list=[{name = '#Été'}, {name = 'ete'}]")
        assert refused.endswith(" but must be a list of channels, no two of one name.")

    def test_is_shown_on_one_line(self) -> None:
        """Whatever was typed, a refusal is one line of printable characters, and not a long one."""
        for override in ("server.language=\x1b[2J\n\udcff", "limits.burst=" + "[" * 100_000, "\n=", "\x1b.a=1"):
            assert refusal(None, override).isprintable()
            assert len(refusal(None, override)) < 250

    @loads_plugins
    @given(st.text() | st.from_regex(r"(server|listen|limits|channels|storage)\.[a-z_]+=.*"))
    @example("listen.chat=a\udcff:")
    @example("server.timezone=\x00")
    def test_gives_settings_or_a_refusal(self, override: str) -> None:
        """No override, however odd, has another outcome."""
        try:
            assert isinstance(load(None, [override]), Settings)
        except SettingsError as error:
            assert is_readable(str(error))  # noqa: PT017 (both outcomes are right)

    @loads_plugins
    @given(
        st.sampled_from(
            [(s.encode_name, key) for s in msgspec.structs.fields(Settings) for key in sorted(keys(s.type))]
        ),
        st.text() | st.integers().map(str) | st.floats().map(str) | st.lists(st.text()).map(msgspec.json.encode),
    )
    def test_of_every_key_gives_settings_or_a_refusal(self, name: tuple[str, str], value: str | bytes) -> None:
        """No value for any key, however odd, has another outcome."""
        text = value.decode() if isinstance(value, bytes) else value
        try:
            load(None, [f"{name[0]}.{name[1]}={text}"])
        except SettingsError as error:
            assert is_readable(str(error))  # noqa: PT017 (both outcomes are right)
