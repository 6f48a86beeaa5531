"""A stand-in for Google Drive on 127.0.0.1, which misbehaves as it is told."""

import os
import re
import signal
import sys
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

QUOTA = """<!DOCTYPE html><html><head>
<title>Google Drive - Quota exceeded</title><style>p { }</style></head>
<body><p class="uc-error-caption">Sorry, you can't view or download this file at this time.</p>
<p class="uc-error-subcaption">Too many users have viewed or downloaded this file recently.</p>
</body></html>"""
LOGIN = """<!DOCTYPE html><html><head><title>Google Drive: Sign in</title></head>
<body><form action="https://accounts.google.com/ServiceLogin"></form></body></html>"""
# All in one line, as Google sends it.
SCAN = (
    "<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title></head><body>"
    '<form id="download-form" action="https://drive.usercontent.google.com/download" method="get">'
    '<input type="hidden" name="id" value="{id}"><input type="hidden" name="confirm" value="t"></form>'
    "</body></html>"
)


# What may come instead of the page with the link: its status, and what it says.
PAGES = {
    "quota": (200, QUOTA),
    "forbidden": (403, QUOTA),
    "login": (200, LOGIN),
    "moved": (302, "https://accounts.google.com/ServiceLogin?continue=x"),
    "unavailable": (503, "<!DOCTYPE html><html><title>Error 503 (Service Unavailable)!!1</title></html>"),
}


class Drive:
    """Files by id; and for each of them, what happens in the downloads to come.

    Attributes:
        files: id -> content.
        troubles: id -> a trouble for each download (methods of `Handler`), "" for none; then all goes well.
        starts: id -> where each answer that was sent began.
    """

    def __init__(self, files: dict[str, bytes]):
        self.files = files
        self.troubles = {name: deque() for name in files}
        self.starts: dict[str, list[int]] = {name: [] for name in files}
        self.present = dict.fromkeys(files, "")
        self.stopped = threading.Event()
        self.server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"drive": self}))
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def local(self, address: str) -> str:
        """The address here of one at Google's."""
        return redirected(address, self.address)


def redirected(address: str, here: str) -> str:
    return re.sub(r"https://(drive|drive\.usercontent|docs|accounts)\.google\.com", here, address)


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Clients that hang up are what is tested."""


class Handler(BaseHTTPRequestHandler):
    drive: Drive

    def log_message(self, *words):
        pass

    def do_GET(self):
        """Each download asks /uc first, which shows a page; then, maybe more than once, /download."""
        address = urlsplit(self.path)
        name = parse_qs(address.query).get("id", [""])[0]
        if address.path == "/uc":
            waiting = self.drive.troubles[name]
            self.drive.present[name] = waiting.popleft() if waiting else ""
            self.page(*PAGES.get(self.drive.present[name], (200, SCAN.format(id=name))))
        elif address.path == "/ServiceLogin":
            self.page(200, LOGIN)
        else:
            trouble = self.drive.present[name]
            self.drive.starts[name].append(int(self.headers.get("Range", "bytes=0-")[6:-1]))
            getattr(self, trouble.replace(" ", "_") or "whole")(self.drive.files[name])

    def page(self, status, text):
        if status == 302:
            self.head(302, 0, "text/html", attachment=False, Location=text)
        else:
            self.head(status, len(text), "text/html; charset=utf-8", attachment=False)
            self.wfile.write(text.encode())

    def head(self, status, length, kind="application/octet-stream", attachment=True, **more):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if attachment:
            self.send_header("Content-Disposition", 'attachment; filename="file"')
        for key, value in more.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()

    def whole(self, content):
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if start:
            self.head(206, len(content) - start, Content_Range=span)
        else:
            self.head(200, len(content))
        self.send(content[start:])

    def send(self, content):
        self.wfile.write(content)

    def cut(self, content):
        self.send = lambda rest: self.wfile.write(rest[: len(rest) // 3])
        self.whole(content)

    def stall(self, content):
        def send(rest):
            self.wfile.write(rest[: len(rest) // 3])
            self.drive.stopped.wait(4)

        self.send = send
        self.whole(content)

    def slow(self, content):
        def send(rest):
            for i in range(0, len(rest), len(content) // 20):
                self.wfile.write(rest[i : i + len(content) // 20])
                self.drive.stopped.wait(0.02)

        self.send = send
        self.whole(content)

    def no_ranges(self, content):
        self.head(200, len(content))
        self.wfile.write(content)

    def wrong(self, content):
        self.whole(content[:100] + bytes(len(content) - 100))

    def other(self, content):
        self.whole(b"something else".ljust(len(content)))

    def error(self, content):
        self.head(503, 3)
        self.wfile.write(b"503")

    def no_length(self, content):
        """All of it, or a third: nobody can tell."""
        self.head(200, None)
        self.wfile.write(content[: len(content) // 3])

    def endless(self, content):
        self.head(200, None)
        while not self.drive.stopped.is_set():
            self.wfile.write(content[:10_000])

    def late_page(self, content):
        """As a page, which offers no file."""
        self.page(200, QUOTA)

    def late_quota(self, content):
        """With status 200, in place of the file."""
        self.head(200, len(QUOTA))
        self.wfile.write(QUOTA.encode())


class Forked:
    """What `googledrive.start` returns, but a fork of this process, with all that a test has changed."""

    def __init__(self, *words: str):
        from facegen.data import googledrive

        (child_in, parent_in), (parent_out, child_out) = os.pipe(), os.pipe()
        self.pid, self.status = os.fork(), None
        if self.pid == 0:
            os.close(parent_in), os.close(parent_out)
            os.dup2(child_in, 0), os.dup2(child_out, 1)
            sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
            try:
                googledrive.run_gdown(*words)
                sys.stdout.flush()
            finally:
                os._exit(0)
        os.close(child_in), os.close(child_out)
        self.stdin, self.stdout = os.fdopen(parent_in, "w"), os.fdopen(parent_out)

    def poll(self) -> int | None:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> None:
        if self.status is None:
            self.status = os.waitpid(self.pid, 0)[1]
