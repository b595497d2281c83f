"""The author's mode: a page that is served to this machine alone, and made anew after each save."""

from __future__ import annotations

import errno
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import count
from pathlib import Path
from socketserver import TCPServer
from threading import BoundedSemaphore, Condition, Event, Lock, Thread
from urllib.parse import unquote

from deckwright.preview.cards import mime
from deckwright.preview.watch import due

PORT = 8765
PORTS = 10
"""How many ports, from that one on, are tried where none is asked for."""

_HERE = "127.0.0.1"
_MOST_CONNECTIONS = 50
_MOST_STREAMS = 40
"""The rest is for requests that end."""
_MOST_HEAD = 64 << 10
"""Bytes of a request: cookies of other servers on this machine come to this one, too."""
_TO_ASK = 5.0
_TO_READ = 60.0
"""Seconds that a client has to send its request, and to take the answer, perhaps by a tunnel."""
_BEAT = 15.0
"""Seconds between two signs of life in a stream."""
_LOOK = 1.0
"""Seconds between two looks at whether the reader of a stream is still there."""

_HTML = "text/html; charset=utf-8"
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_NO_PAGE = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; sandbox"
"""What anything but the page may do where a browser opens it by itself: a drawing could hold a
script, which would run as ours."""

_Socket = socket.socket | tuple[bytes, socket.socket]
"""As socketserver has it; ours is the first."""


class PortError(Exception):
    """No server can be started on a port: a sentence for who chose it."""


@dataclass(frozen=True, slots=True)
class Package:
    """The package of a deck, which is made when it is asked for."""

    name: str
    """``NAME.apkg``: it is served as ``/NAME.apkg``."""
    make: Callable[[], bytes]
    """Called once at most, in another thread than the builds, and never while one is made."""


@dataclass(frozen=True, slots=True)
class Build:
    """What is served: it is made in memory, and no request reads anything from the disk."""

    page: str
    """The whole of index.html."""
    state: str
    """JSON: what an open page needs to become this build without being loaded again."""
    package: Package | None = None
    """None where the deck has errors."""
    media: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures and sounds, by their paths from the page."""


@dataclass(frozen=True, slots=True)
class _Published:
    """A build with its number, as it is sent."""

    number: int = 0
    files: Mapping[str, tuple[str, Callable[[], bytes]]] = field(default_factory=dict)
    """By their paths: the type and the bytes."""


def serve(
    build: Callable[[int], Build],
    folder: Path,
    port: int | None,
    *,
    ready: Callable[[str], None],
    built: Callable[[Build | Exception], None],
    stop: Event | None = None,
) -> None:
    """Serve what is built of a folder, and build all of it again after each save.

    ``build`` gets the number of the build, which no other has, not even one of a server that was
    started later. It runs in the calling thread, never twice at once. ``ready`` gets the
    server's address, once, when the first build is there; then ``built`` gets each build, or the
    exception that kept it from being made: the one before is served on. What the first one raises
    is raised here.

    It goes on until ``stop`` is set or Ctrl-C raises KeyboardInterrupt here. SIGTERM is left to the
    system, which ends a process at once: nothing here could be left half done.

    Raises:
        PortError: where the port is not to be had; without one, where ten from `PORT` on are not.
    """
    with bound(port) as server:
        start = time.time_ns() // 1_000_000
        for number, _ in zip(count(start), due(folder, stop or Event()), strict=False):
            try:
                with server.working:
                    made = build(number)
            except Exception as error:
                if not server.is_serving:
                    raise
                built(error)
                continue
            is_first = not server.is_serving
            server.publish(number, made)
            if is_first:
                ready(server.address)
            built(made)


def bound(port: int | None) -> Server:
    """A server that has a port of this machine, and serves nothing yet; for a ``with``.

    Raises:
        PortError: where the port is not to be had; without one, where ten from `PORT` on are not.
    """
    for one in range(PORT, PORT + PORTS) if port is None else (port,):
        try:
            return Server(one)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            taken = error.errno == errno.EADDRINUSE
    if port is None:
        words = f"the ports from {PORT} to {PORT + PORTS - 1} are in use: end a server, or name one"
    elif taken:
        words = f"port {port} is in use: end the server that has it, or name another with --port"
    else:
        words = f"port {port} is not for everyone: name one above 1023 with --port"
    raise PortError(words)


class Server(ThreadingHTTPServer):
    """Serves the last build on this machine, to this machine.

    The standard library's server has all that one reader needs: a thread for each connection, of
    which those of the event streams sleep.
    """

    allow_reuse_address = True  # a server that was ended a moment ago
    allow_reuse_port = False  # but no other that runs
    daemon_threads = True
    request_queue_size = _MOST_CONNECTIONS

    def __init__(self, port: int) -> None:
        """Takes a port, or with 0 any free one."""
        self.working = Lock()
        """Held while a build or a package is made."""
        self._room = BoundedSemaphore(_MOST_CONNECTIONS)
        self._streams = BoundedSemaphore(_MOST_STREAMS)
        self._changed = Condition()
        self._now = _Published()
        self._is_closed = False
        self._thread: Thread | None = None
        super().__init__((_HERE, port), _Handler)

    def server_bind(self) -> None:
        """Bind, and ask no name server who we are."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = _HERE, self.server_address[1]

    @property
    def address(self) -> str:
        """Where the page is: by number, as ``localhost`` may be another server's ``[::1]``."""
        return f"http://{_HERE}:{self.server_port}/"

    @property
    def hosts(self) -> frozenset[str]:
        """What a browser calls us."""
        end = "" if self.server_port == 80 else f":{self.server_port}"
        return frozenset({f"localhost{end}", f"{_HERE}{end}"})

    @property
    def is_serving(self) -> bool:
        """Whether there is anything to serve."""
        return self._thread is not None

    def publish(self, number: int, build: Build) -> None:
        """Serve a build from now on, and say so to all open pages."""
        page, state = (text.encode(errors="replace") for text in (build.page, build.state))
        html, json = (_HTML, lambda: page), ("application/json", lambda: state)
        files = {"/": html, "/index.html": html, "/state.json": json}
        files |= {
            f"/{name}": (mime(name), partial(bytes, data)) for name, data in build.media.items()
        }
        if build.package:
            make = cache(build.package.make)
            files[f"/{build.package.name}"] = (
                "application/octet-stream",
                lambda: self._alone(make),
            )
        with self._changed:
            self._now = _Published(number, files)
            self._changed.notify_all()
        if not self._thread:
            self._thread = Thread(target=self.serve_forever, args=(0.1,), daemon=True)
            self._thread.start()

    def _alone(self, make: Callable[[], bytes]) -> bytes:
        with self.working:
            return make()

    def file(self, path: str) -> tuple[str, Callable[[], bytes]] | None:
        """The type and the bytes of what is served under a path."""
        return self._now.files.get(path)

    def number_after(self, seen: int, seconds: float) -> int | None:
        """The number of the present build, as soon as it is another or the time is over.

        None where the server is closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._now.number != seen, seconds)
            return None if self._is_closed else self._now.number

    @contextmanager
    def stream(self) -> Iterator[bool]:
        """Room for an event stream, or none."""
        has_room = self._streams.acquire(blocking=False)
        try:
            yield has_room
        finally:
            if has_room:
                self._streams.release()

    def server_close(self) -> None:
        """Give the port back, and end all streams."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._thread:
            self.shutdown()
        super().server_close()

    def process_request(self, request: _Socket, client_address: object) -> None:
        """Answer in a thread, as soon as there is room: who waits is not turned away."""
        while not self._room.acquire(timeout=0.1):
            if self._is_closed:
                self.shutdown_request(request)
                return
        try:
            super().process_request(request, client_address)
        except BaseException:  # no thread was to be had
            self._room.release()
            raise

    def process_request_thread(self, request: _Socket, client_address: object) -> None:
        """Answer in this thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: _Socket, client_address: object) -> None:
        """Say nothing of a browser that is gone."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request, in the HTTP/1.0 of the standard library: no connection is kept."""

    server: Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer a request whose head comes in time."""
        self.requestline = self.request_version = self.command = ""
        self.close_connection = True
        head = self._head()
        self.connection.settimeout(_TO_READ)
        if len(head) > _MOST_HEAD:
            self.send_error(431)
        else:
            self.rfile = BytesIO(head)
            self.handle_one_request()

    def _head(self) -> bytes:
        """What comes until an empty line, and perhaps more; empty where that takes too long."""
        end = time.monotonic() + _TO_ASK
        head = b""
        while b"\r\n\r\n" not in head and len(head) <= _MOST_HEAD:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.connection.settimeout(left)
            part = self.connection.recv(_MOST_HEAD)
            if not part:
                return b""
            head += part
        return head

    def do_GET(self) -> None:
        """Send what is served under a path."""
        path = unquote(self.path.partition("?")[0])
        if refused := self._refused():
            self._say(403, refused)
        elif path == "/events":
            with self.server.stream() as has_room:
                if has_room:
                    self._stream()
                else:
                    self._say(503, "too many pages are open")
        elif found := self.server.file(path):
            self._send_file(*found)
        else:
            self._say(404, f"nothing is here: the page is {self.server.address}")

    do_HEAD = do_GET  # noqa: N815  # the same

    def _send_file(self, kind: str, read: Callable[[], bytes]) -> None:
        try:
            data = read()
        except Exception:  # a mistake of ours, which handle_error shows
            self._say(500, "it could not be made: the terminal says why")
            raise
        self._send(200, kind, data)

    def _refused(self) -> str:
        """Why this is not a request of our own page, or of who opens it; empty where it is one.

        Each website may send requests to this machine, and under a name of its own that leads
        here, it could read the answers.
        """
        hosts, origins, sites = (
            [value.strip().lower() for value in self.headers.get_all(name, [])]
            for name in ("Host", "Origin", "Sec-Fetch-Site")
        )
        if len(hosts) != 1 or hosts[0] not in self.server.hosts:
            return f"this server is {self.server.address}, and answers to no other name"
        if any(one != f"http://{hosts[0]}" for one in origins) or any(
            one not in ("same-origin", "none") for one in sites
        ):
            return f"another page asks: type {self.server.address} into the browser"
        return ""

    def _stream(self) -> None:
        """Send the number of each build, the present one first, until the reader is gone."""
        self._begin(200, "text/event-stream")
        if self.command == "HEAD":
            return
        self.wfile.write(b"retry: 1000\n\n")
        seen, spoke = 0, time.monotonic()
        while (number := self.server.number_after(seen, _LOOK)) is not None and not self._is_gone():
            if number != seen:
                self.wfile.write(b"event: build\ndata: %d\n\n" % number)
            elif time.monotonic() - spoke >= _BEAT:
                self.wfile.write(b": still here\n\n")
            else:
                continue
            seen, spoke = number, time.monotonic()

    def _is_gone(self) -> bool:
        """Whether the other side has closed the connection."""
        self.connection.settimeout(0)
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        finally:
            self.connection.settimeout(_TO_READ)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse what http.server cannot read, or a method, in our own way."""
        if code == 501:
            self._say(405, "only GET and HEAD are answered")
        else:
            self._say(code, "a browser sends no such request")

    def _say(self, code: int, words: str) -> None:
        self._send(code, "text/plain; charset=utf-8", f"{words}\n".encode())

    def _send(self, code: int, kind: str, data: bytes) -> None:
        self._begin(code, kind, len(data))
        if self.command != "HEAD":
            self.wfile.write(data)

    def _begin(self, code: int, kind: str, size: int | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        if size is not None:
            self.send_header("Content-Length", str(size))
        if code == 405:
            self.send_header("Allow", "GET, HEAD")
        own = {} if kind == _HTML else {"Content-Security-Policy": _NO_PAGE}
        for name, value in (_HEADERS | own).items():
            self.send_header(name, value)
        self.end_headers()

    def version_string(self) -> str:
        """Who answers, without a version."""
        return "deckwright"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the terminal has the deck's problems."""
