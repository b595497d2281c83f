"""The live server: what it answers, whom it answers, and that it lives on."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from queue import Queue
from types import MappingProxyType

import pytest

from deckwright.preview import server as module
from deckwright.preview import watch
from deckwright.preview.server import PORT, PORTS, Build, Package, PortError, Server, bound, serve

PATIENCE = 60
"""Seconds after which a test gives up; none asks how fast anything is."""
NONE: Mapping[str, str] = MappingProxyType({})
PACKAGE = Package("two words-é.apkg", lambda: b"PK")
BUILD = Build("<p>ä</p>", '{"a": 1}', PACKAGE)


@contextmanager
def serving(build: Build = BUILD) -> Iterator[Server]:
    with bound(0) as server:
        server.publish(7, build)
        yield server


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as one:
        yield one


def ask(
    server: Server, path: str = "/", method: str = "GET", headers: Mapping[str, str] = NONE
) -> HTTPResponse:
    """An answer, read to its end."""
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE)
    connection.request(method, path, headers=dict(headers))
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def body(answer: HTTPResponse) -> bytes:
    return bytes(answer.body)  # type: ignore[attr-defined]


def connect(server: Server, text: bytes = b"") -> socket.socket:
    one = socket.create_connection(("127.0.0.1", server.server_port), timeout=PATIENCE)
    one.sendall(text)
    return one


def raw(server: Server, text: bytes) -> bytes:
    """All that comes back for some bytes, as far as the connection is not broken off."""
    found = b""
    with connect(server) as one, suppress(ConnectionError):
        one.sendall(text)
        while part := one.recv(1 << 16):
            found += part
    return found


def raw_get(server: Server, *lines: str) -> str:
    """The first line of what comes back for a request for the page."""
    text = "\r\n".join(("GET / HTTP/1.1", *lines, "", ""))
    return raw(server, text.encode("latin-1")).split(b"\r\n")[0].decode()


class Stream:
    """The events of a server, as a page reads them."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.connection.request("GET", "/events", headers={"Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()

    def line(self) -> str:
        return self.answer.readline().decode().rstrip("\n")

    def number(self) -> int:
        """The number of the next build."""
        while (line := self.line()) != "event: build":
            assert line in ("", "retry: 1000") or line.startswith(":"), line
        return int(self.line().removeprefix("data: "))

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


# -- What it answers -------------------------------------------------------------------------------


def test_a_browser_gets_the_page_the_state_and_the_package(server: Server) -> None:
    for path, kind, data in (
        ("/", "text/html; charset=utf-8", "<p>ä</p>".encode()),
        ("/index.html", "text/html; charset=utf-8", "<p>ä</p>".encode()),
        ("/?page=1", "text/html; charset=utf-8", "<p>ä</p>".encode()),
        ("/state.json", "application/json", b'{"a": 1}'),
        ("/two%20words-%C3%A9.apkg", "application/octet-stream", b"PK"),
    ):
        answer = ask(server, path)
        assert (answer.status, answer.getheader("Content-Type")) == (200, kind)
        assert body(answer) == data
        head = ask(server, path, "HEAD")
        assert (head.status, body(head)) == (200, b"")
        assert head.getheader("Content-Length") == str(len(data))
    assert ask(server, "/events", "HEAD").getheader("Content-Type") == "text/event-stream"


def test_a_text_that_is_not_unicode_is_served_all_the_same() -> None:
    with serving(Build("a\udcffb", "{}")) as server:
        assert body(ask(server)) == b"a?b"


def test_a_deck_with_errors_has_no_package(server: Server) -> None:
    server.publish(8, Build("", ""))
    assert ask(server, "/two%20words-%C3%A9.apkg").status == 404


def test_a_package_is_made_once_and_when_it_is_asked_for() -> None:
    made: list[bool] = []

    def make() -> bytes:
        made.append(at_work.working.locked())
        return b"PK"

    with serving(Build("", "", Package("a.apkg", make))) as at_work:
        assert made == []
        assert [body(ask(at_work, "/a.apkg")) for _ in range(3)] == [b"PK"] * 3
    assert made == [True], "nothing else may be made meanwhile"


def test_a_package_that_cannot_be_made_is_said_and_ends_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def make() -> bytes:
        raise ValueError("a mistake of ours")

    with serving(Build("page", "", Package("a.apkg", make))) as server:
        assert ask(server, "/a.apkg").status == 500
        assert body(ask(server)) == b"page"
    assert "a mistake of ours" in capsys.readouterr().err


@pytest.mark.parametrize(
    "path",
    """/favicon.ico /deck.toml /../deck.toml /..%2fdeck.toml /%2e%2e/%2e%2e/etc/passwd /./
    //etc/passwd //127.0.0.1/ http://127.0.0.1/ /index.html/ /index.html%00 /%00 /\\..\\ /a.apkg
    /INDEX.HTML /state.json/.. * /%ff /events/ events""".split(),
)
def test_nothing_else_is_there(server: Server, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost:{server.server_port}\r\n\r\n"
    assert raw(server, head.encode()).startswith(b"HTTP/1.0 404 ")


@pytest.mark.parametrize(
    "text",
    [
        b"GET /\0 HTTP/1.1\r\n\r\n",
        b"GET " + b"/a" * (32 << 10) + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Y: " + b"z" * (64 << 10) + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Y: z\r\n" * 2000 + b"\r\n",
        b"GET / HTTP/1.1 \xff and more\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\r\n\r\n",
        b"\0" * 100 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a browser that asks for https\r\n\r\n",
    ],
    ids=range(10),
)
def test_what_is_not_a_request_gets_no_page(server: Server, text: bytes) -> None:
    answer = raw(server, text)
    assert b"<p>" not in answer
    assert not answer.startswith((b"HTTP/1.0 2", b"HTTP/1.0 5")) or b" 505 " in answer[:20]
    assert ask(server).status == 200


@pytest.mark.parametrize("method", "POST PUT DELETE PATCH OPTIONS TRACE CONNECT get BREW".split())
def test_other_methods_are_not_allowed(server: Server, method: str) -> None:
    answer = ask(server, "/", method)
    assert (answer.status, answer.getheader("Allow")) == (405, "GET, HEAD")


# -- Whom it answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/state.json", "/none", "/events"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_answer_keeps_others_out(server: Server, path: str, method: str) -> None:
    text = f"{method} {path} HTTP/1.1\r\nHost: localhost:{server.server_port}\r\n\r\n"
    with connect(server, text.encode()) as one:
        answer = HTTPResponse(one)
        answer.begin()
    assert answer.getheader("Cache-Control") == "no-store"
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert answer.getheader("Cross-Origin-Resource-Policy") == "same-origin"
    assert answer.getheader("X-Frame-Options") == "DENY"
    assert answer.getheader("Referrer-Policy") == "no-referrer"
    assert answer.getheader("Server") == "deckwright"
    assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-")]


def test_nothing_but_the_page_may_run_anything() -> None:
    drawing = {"media/a.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
    with serving(Build("", "{}", PACKAGE, drawing)) as server:
        for path in ("/media/a.svg", "/state.json", "/two%20words-%C3%A9.apkg", "/none"):
            policy = ask(server, path).getheader("Content-Security-Policy", "")
            assert "default-src 'none'" in policy and "sandbox" in policy
            assert "script-src" not in policy
        assert ask(server, "/media/a.svg").getheader("Content-Type") == "image/svg+xml"
        assert ask(server).getheader("Content-Security-Policy") is None, "the page has its own"


@pytest.mark.parametrize("host", ["localhost:PORT", "127.0.0.1:PORT", "LOCALHOST:PORT"])
def test_it_answers_to_its_names(server: Server, host: str) -> None:
    host = host.replace("PORT", str(server.server_port))
    assert raw_get(server, f"Host: {host}") == "HTTP/1.0 200 OK"
    assert raw_get(server, f"Host: {host}", f"Origin: http://{host}") == "HTTP/1.0 200 OK"


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "Host:",
        "Host: evil.example",
        "Host: evil.example:PORT",
        "Host: localhost.evil.example:PORT",
        "Host: evil.example#localhost:PORT",
        "Host: localhost",
        "Host: 127.0.0.1",
        "Host: 127.0.0.1:1",
        "Host: localhost:1PORT",
        "Host: localhost.:PORT",
        "Host: 127.1:PORT",
        "Host: 2130706433:PORT",
        "Host: 0.0.0.0:PORT",
        "Host: [::1]:PORT",
        "Host: user@localhost:PORT",
        "Host: localhost:PORT, evil.example",
        "Host: localhost:PORT\n evil.example",
        "Host : localhost:PORT",
        "Host: localhost:PORT\nHost: localhost:PORT",
        "Host: localhost:PORT\nHost: evil.example",
        "X-Forwarded-Host: localhost:PORT",
    ],
)
def test_it_answers_to_no_other_name(server: Server, lines: str) -> None:
    given = lines.replace("PORT", str(server.server_port)).split("\n") if lines else ()
    assert raw_get(server, *given) == "HTTP/1.0 403 Forbidden"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Origin: http://evil.example", 403),
        ("Origin: null", 403),
        ("Origin:", 403),
        ("Origin: https://127.0.0.1:PORT", 403),
        ("Origin: http://localhost:PORT", 403),
        ("Origin: http://127.0.0.1:1", 403),
        ("Origin: http://127.0.0.1:PORT.evil.example", 403),
        ("Origin: http://127.0.0.1:PORT", 200),
        ("Sec-Fetch-Site: cross-site", 403),
        ("Sec-Fetch-Site: same-site", 403),
        ("Sec-Fetch-Site: same-origin", 200),
        ("Sec-Fetch-Site: none", 200),
    ],
)
def test_a_request_of_another_page_is_refused(server: Server, header: str, status: int) -> None:
    name, _, value = header.replace("PORT", str(server.server_port)).partition(":")
    for path in ("/", "/state.json", "/two%20words-%C3%A9.apkg"):
        assert ask(server, path, headers={name: value.strip()}).status == status


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"
    with suppress(OSError), socket.create_connection(("::1", server.server_port)):
        pytest.fail("it listens on ::1, too")


# -- Ports -----------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named(server: Server) -> None:
    with pytest.raises(PortError, match=f"^port {server.server_port} is in use: .* --port$"):
        bound(server.server_port)


def test_without_a_port_the_next_free_one_is_taken_as_long_as_there_is_one() -> None:
    with ExitStack() as stack, pytest.raises(PortError, match=f"from {PORT} to {PORT + PORTS - 1}"):
        found: list[int] = []
        for _ in range(PORTS + 1):
            server = stack.enter_context(bound(None))
            assert PORT <= server.server_port < PORT + PORTS
            assert server.server_port not in found
            assert server.address == f"http://127.0.0.1:{server.server_port}/"
            found.append(server.server_port)


def test_a_port_is_free_again_at_once() -> None:
    with serving() as server:
        port = server.server_port
        stream = Stream(port)
        assert stream.number() == 7
    with bound(port):
        pass
    stream.close()


# -- Streams, and clients that do not behave -------------------------------------------------------


def test_a_stream_has_the_present_build_first_and_then_each(server: Server) -> None:
    stream = Stream(server.server_port)
    assert stream.answer.getheader("Content-Type") == "text/event-stream"
    assert stream.number() == 7
    for number in (8, 9, 1_767_225_600_000):
        server.publish(number, Build("", ""))
        assert stream.number() == number
    stream.close()


def test_a_stream_shows_that_it_lives(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BEAT", 0.1)
    monkeypatch.setattr(module, "_LOOK", 0.1)
    stream = Stream(server.server_port)
    assert stream.number() == 7
    assert [stream.line() for _ in range(5)] == ["", ": still here", "", ": still here", ""]
    stream.close()


def test_a_stream_ends_with_its_server() -> None:
    with serving() as server:
        stream = Stream(server.server_port)
        assert stream.number() == 7
    assert stream.answer.read() == b"\n"
    stream.close()


def test_streams_leave_room_for_requests_and_give_it_back(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK", 0.1)
    streams = [Stream(server.server_port) for _ in range(40)]
    assert {stream.number() for stream in streams} == {7}
    assert Stream(server.server_port).answer.status == 503
    assert ask(server).status == 200
    for stream in streams:
        stream.close()
    eventually(lambda: Stream(server.server_port).answer.status == 200)


def test_connections_that_ask_for_nothing_do_not_keep_others_out(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TO_ASK", 0.5)
    hung = [connect(server, b"GET / HT" if at % 2 else b"") for at in range(60)]
    assert ask(server).status == 200
    for one in hung:
        assert one.recv(1) == b"", "it is closed, without an answer"
        one.close()


def test_a_full_server_can_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TO_ASK", 10 * PATIENCE)
    with serving() as server:
        hung = [connect(server) for _ in range(55)]
        eventually(lambda: threading.active_count() > 50)
        closing = threading.Thread(target=server.server_close)
        closing.start()
        closing.join(PATIENCE)
        assert not closing.is_alive()
    for one in hung:
        one.close()


def test_a_request_that_comes_by_drops_is_not_waited_for(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TO_ASK", 0.5)
    with connect(server) as one, pytest.raises(ConnectionError):
        for _ in range(PATIENCE * 20):
            one.sendall(b"G")
            time.sleep(0.05)


def test_clients_that_read_nothing_do_not_stop_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TO_READ", 0.5)
    page = "x" * 20_000_000
    with serving(Build(page, "{}")) as server:
        text = f"GET / HTTP/1.1\r\nHost: localhost:{server.server_port}\r\n\r\n".encode()
        silent = [connect(server, text) for _ in range(60)]
        assert body(ask(server, "/state.json")) == b"{}"
        for one in silent:
            one.close()


def test_a_browser_that_goes_away_leaves_no_word(capfd: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with serving(Build("x" * 20_000_000, "{}")) as server:
        text = f"GET / HTTP/1.1\r\nHost: localhost:{server.server_port}\r\n\r\n".encode()
        for read in (0, 1, 1 << 16):
            with connect(server, text) as one:
                one.recv(read)
        stream = Stream(server.server_port)
        assert stream.number() == 7
        stream.close()
        connect(server, b"GET").close()
        assert ask(server, "/state.json").status == 200
        eventually(lambda: threading.active_count() == before + 1)
    assert capfd.readouterr() == ("", "")


def eventually(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.02)


# -- What changes is built -------------------------------------------------------------------------


class Live:
    """A server that is at work on a folder: the build is the text of a file."""

    def __init__(self, root: Path, build: Callable[[int], Build] | None = None) -> None:
        self.root, self.build = root, build or self.read
        self.said: Queue[Build | Exception] = Queue()
        self.address: Queue[str] = Queue()
        self.stop = threading.Event()
        self.builds = 0
        self.raised: list[BaseException] = []
        self.thread = threading.Thread(target=self.run)

    def read(self, number: int) -> Build:
        self.builds += 1
        text = (self.root / "a.md").read_text(encoding="utf-8")
        return Build(text, json.dumps({"number": number, "text": text}))

    def run(self) -> None:
        try:
            serve(
                self.build,
                self.root,
                0,
                ready=self.address.put,
                built=self.said.put,
                stop=self.stop,
            )
        except Exception as error:
            self.raised.append(error)

    def wait_for(self, text: str) -> None:
        """Wait for a build of this text."""
        while True:
            said = self.said.get(timeout=PATIENCE)
            if isinstance(said, Build) and said.page == text:
                return

    def write(self, text: str, name: str = "a.md") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def __enter__(self) -> Live:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        assert not self.raised


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "deck"
    folder.mkdir()
    (folder / "a.md").write_text("one", encoding="utf-8")
    return folder


def test_a_saved_file_is_an_event_and_a_new_state(root: Path) -> None:
    with Live(root) as live:
        live.wait_for("one")
        port = int(live.address.get(timeout=PATIENCE).rstrip("/").rpartition(":")[2])
        stream = Stream(port)
        first = stream.number()
        live.write("two")
        number = first
        while True:
            number = stream.number()
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", "/state.json")
            state = json.load(connection.getresponse())
            connection.close()
            if state["text"] == "two":
                break
        assert state["number"] == number > first
        stream.close()
        assert live.address.empty(), "it is said once that the server is ready"


def test_no_two_servers_give_the_same_number(root: Path) -> None:
    numbers = []
    for _ in range(2):
        with Live(root) as live:
            live.wait_for("one")
            address = live.address.get(timeout=PATIENCE)
            stream = Stream(int(address.rstrip("/").rpartition(":")[2]))
            numbers.append(stream.number())
            stream.close()
    assert numbers[0] < numbers[1]


def edit_in_place(root: Path) -> None:
    (root / "a.md").write_text("two", encoding="utf-8")


def edit_by_renaming(root: Path) -> None:
    (root / ".a.md.swp").write_text("two", encoding="utf-8")
    (root / ".a.md.swp").replace(root / "a.md")


def edit_with_a_backup(root: Path) -> None:
    (root / "a.md").rename(root / "a.md~")
    (root / "a.md").write_text("two", encoding="utf-8")
    (root / "a.md~").unlink()


def replace_folder(root: Path) -> None:
    """A whole folder that was written beside it."""
    new = root.with_name("new")
    new.mkdir()
    (new / "a.md").write_text("two", encoding="utf-8")
    root.rename(root.with_name("old"))
    new.rename(root)


def remove_and_write_anew(root: Path) -> None:
    """As a checkout does; a new folder may have the number of the old one."""
    (root / "a.md").unlink()
    root.rmdir()
    root.mkdir()
    (root / "a.md").write_text("two", encoding="utf-8")


def rename_parent(root: Path) -> None:
    parent = root.parent
    parent.rename(parent.with_name("elsewhere"))
    root.mkdir(parents=True)
    (root / "a.md").write_text("two", encoding="utf-8")


SAVES = (
    edit_in_place,
    edit_by_renaming,
    edit_with_a_backup,
    replace_folder,
    remove_and_write_anew,
    rename_parent,
)


@pytest.mark.parametrize("save", SAVES)
def test_however_it_is_saved_it_is_built_and_watched_on(
    tmp_path: Path,
    save: Callable[[Path], None],
) -> None:
    root = tmp_path / "parent" / "deck"
    root.mkdir(parents=True)
    (root / "a.md").write_text("one", encoding="utf-8")
    with Live(root) as live:
        live.wait_for("one")
        save(root)
        live.wait_for("two")
        live.write("three")
        live.wait_for("three")


def test_a_folder_that_is_away_for_a_while_is_waited_for(root: Path) -> None:
    away = root.with_name("away")
    with Live(root) as live:
        live.wait_for("one")
        for text in ("two", "three"):
            root.rename(away)
            assert isinstance(live.said.get(timeout=PATIENCE), FileNotFoundError)
            away.rename(root)
            live.wait_for("one" if text == "two" else "two")
            live.write(text)
            live.wait_for(text)


def test_a_folder_that_a_link_leads_to_is_watched(root: Path) -> None:
    link = root.with_name("link")
    link.symlink_to(root, target_is_directory=True)
    with Live(link) as live:
        live.wait_for("one")
        (root / "a.md").write_text("two", encoding="utf-8")
        live.wait_for("two")


def test_what_a_link_in_the_folder_leads_to_is_not_watched(root: Path) -> None:
    (root / "up").symlink_to(root.parent, target_is_directory=True)
    with Live(root) as live:
        live.wait_for("one")
        root.with_name("elsewhere").write_text("x", encoding="utf-8")
        time.sleep(3 * watch.QUIET)  # after which anything else is built
        assert live.builds == 1
        live.write("two")
        live.wait_for("two")


def test_every_file_of_a_deck_counts(root: Path) -> None:
    def names(_: int) -> Build:
        return Build(" ".join(sorted(path.name for path in root.rglob("*.*"))), "")

    with Live(root, names) as live:
        live.wait_for("a.md")
        seen = ["a.md"]
        for name in (
            "deck.toml",
            "style.css",
            "ledger.jsonl",
            "media/x/y.png",
            "note_types/n.toml",
        ):
            live.write("x", name)
            seen = sorted((*seen, Path(name).name))
            live.wait_for(" ".join(seen))
        (root / "media/x/y.png").unlink()
        live.wait_for(" ".join(name for name in seen if name != "y.png"))


def test_what_a_deck_does_not_have_is_not_built(root: Path) -> None:
    (root / ".git" / "objects").mkdir(parents=True)
    with Live(root) as live:
        live.wait_for("one")
        for name in (".a.md.swp", ".git/index.lock", ".git/objects/1/2", ".#a.md", "#a.md#"):
            live.write("x", name)
            time.sleep(3 * watch.QUIET)  # after which anything else is built
        assert live.builds == 1


def test_a_burst_of_writes_is_few_builds(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "QUIET", 2)
    monkeypatch.setattr(watch, "LONGEST", PATIENCE)
    with Live(root) as live:
        live.wait_for("one")
        for at in range(50):
            live.write(str(at), f"media/{at % 7}.png")
            live.write(str(at))
            time.sleep(0.02)
        live.wait_for("49")
        assert live.builds < 10


def test_what_is_written_all_the_time_is_built_all_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "QUIET", PATIENCE)
    monkeypatch.setattr(watch, "LONGEST", 0.3)
    with Live(root) as live:
        live.wait_for("one")
        for at in range(50 * PATIENCE):
            live.write(str(at))
            time.sleep(0.02)
            if not live.said.empty():
                return
        pytest.fail("it waits for an end")


def test_what_changes_while_it_is_built_is_built_again(root: Path) -> None:
    begun, go_on = threading.Semaphore(0), threading.Semaphore(0)
    at_work: list[int] = []

    def build(number: int) -> Build:
        at_work.append(number)
        assert len(at_work) == 1, "two builds at once"
        text = (root / "a.md").read_text(encoding="utf-8")
        begun.release()
        go_on.acquire(timeout=PATIENCE)
        at_work.clear()
        return Build(text, "")

    with Live(root, build) as live:
        for text in ("two", "three", "four"):
            assert begun.acquire(timeout=PATIENCE)
            live.write(text)
            go_on.release()
        go_on.release(100)
        live.wait_for("four")


def test_a_build_that_fails_throws_nothing_away(root: Path) -> None:
    with Live(root) as live:
        live.wait_for("one")
        port = int(live.address.get(timeout=PATIENCE).rstrip("/").rpartition(":")[2])
        (root / "a.md").write_bytes(b"\xff")
        assert isinstance(live.said.get(timeout=PATIENCE), UnicodeDecodeError)
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"one"
        connection.close()
        live.write("two")
        live.wait_for("two")


def test_where_the_first_build_fails_nothing_is_served(root: Path) -> None:
    (root / "a.md").unlink()
    live = Live(root)
    live.run()
    assert [*map(type, live.raised)] == [FileNotFoundError]
    assert live.address.empty()


@pytest.mark.skipif(sys.platform != "linux", reason="a file system whose names are Unicode")
def test_a_name_that_is_not_unicode_does_not_end_the_watch(
    root: Path,
) -> None:
    with Live(root) as live:
        live.wait_for("one")
        (root / "x\udcff.png").write_bytes(b"")
        live.wait_for("one")
        live.write("two")
        live.wait_for("two")


# -- How it ends -----------------------------------------------------------------------------------

PROGRAM = """
import sys
from pathlib import Path
from deckwright.preview.server import Build, serve

def build(number):
    return Build(str(number), "{}")

try:
    serve(build, Path(sys.argv[1]), 0, ready=lambda at: print(at, flush=True), built=lambda _: None)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_a_signal_ends_it_with_open_streams_and_without_a_word(
    root: Path, number: signal.Signals, code: int
) -> None:
    command = [sys.executable, "-c", PROGRAM, str(root)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        port = int(process.stdout.readline().rstrip().rstrip("/").rpartition(":")[2])
        streams = [Stream(port) for _ in range(3)]
        assert len({stream.number() for stream in streams}) == 1
        hung = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        process.send_signal(number)
        assert process.wait(PATIENCE) == code
        assert (process.stdout.read(), process.stderr.read()) == ("", "")
        for stream in streams:
            with suppress(ConnectionError):
                assert stream.answer.read() == b"\n"
            stream.close()
        hung.close()
    with bound(port):
        pass
