"""The served panel: for whoever has the token, on this machine alone; no file, no code, no other machine."""

import importlib
import json
import re
import socket
import sys
import time
import urllib.error
import urllib.request
import uuid

import pytest
from panels import deconv, gan
from served import LONG, served

from facegen import cli, panel
from facegen.models import saving
from facegen.utils.errors import FacegenError

pytest.importorskip("voila")
websocket = pytest.importorskip("websocket")  # websocket-client, which Jupyter's server brings

PATHS = ["", "panel.ipynb", "open.html", "voila/files/panel.ipynb", "voila/static/voila.js", "voila/static/",
         "voila/templates/lab/static/voila-style.js", "voila/api/contents/", "api/contents", "api/kernels",
         "api/sessions", "api/terminals", "api/status", "terminals/1", "lab", "tree", "login", "logout",
         "voila/render/panel.ipynb", "voila/tree", "files/panel.ipynb", "nbconvert/html/a.ipynb"]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s")
    with served(saving.save(gan(), folder / "gan"), folder / "log") as running:
        yield running


def ask(server, path="", token=None, method="GET", timeout=30, **headers):
    """(status, text) of a request."""
    headers |= {"Authorization": f"token {token}"} if token else {}
    request = urllib.request.Request(f"{server.address}/{path}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def page(server):
    """The page, opened once: its text, and the id of its kernel."""
    status, text = ask(server, token=server.token, timeout=LONG)
    assert status == 200
    return text, re.search(r'"kernelId": "([\w-]+)"', text)[1]


@pytest.mark.parametrize("token", [None, "", "wrong", "null"])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_without_the_token(server, path, token):
    for method in ("GET", "POST", "PUT", "DELETE"):
        status, text = ask(server, path + (f"?token={token}" if token is not None else ""), method=method)
        assert status == 403 or (status == 405 and method != "GET"), (method, status)
        assert len(text) < 100 and server.token not in text
    assert server.children() == []  # and nobody has started a kernel


def test_it_listens_on_this_machine_alone(server):
    port = int(server.address.rpartition(":")[2])
    assert server.address.startswith("http://127.0.0.1:")
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for other in {"127.0.0.2", *own} - {"127.0.0.1"}:
        with pytest.raises(OSError):
            socket.create_connection((other, port), timeout=5).close()


def test_the_token_is_long_and_new(server):
    assert len(server.token) >= 32


@pytest.mark.parametrize(
    "path",
    [p for p in PATHS if p and not p.startswith(("voila/static/v", "voila/templates"))]
    + ["voila/static/../app.py", "voila/static/%2e%2e/app.py", "voila/static//etc/passwd",
       "voila/templates/../../x/static/y", "voila/labextensions/../../../../pyvenv.cfg",
       "voila/api/themes/../../../pyvenv.cfg", "../panel.ipynb"],
)  # fmt: skip
def test_with_the_token_no_file_and_no_other_service(server, path):
    for method in ("GET", "POST"):
        status, text = ask(server, path, server.token, method)
        assert status in (403, 404, 405), (method, status)
        assert len(text) < 100


def test_another_name_for_this_machine_is_refused(server):
    assert ask(server, token=server.token, Host="evil.example")[0] == 403


def test_the_page_shows_no_source_and_asks_no_other_machine(server, page):
    text, _ = page
    assert "panel.page" not in text and "facegen-title" not in text.split("rendered_cells")[0]
    assert str(server.folder) not in text and str(server.log.parent) not in text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]*', text)
    request = urllib.request.Request(server.address + "/voila/static/voila.js",
                                     headers={"Authorization": f"token {server.token}"})  # fmt: skip
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def channels(server, kernel, token, **more):
    address = f"{server.address.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
    header = [f"Authorization: token {token}"] if token else []
    return websocket.create_connection(address, timeout=30, header=header, **more)


def message(kind, **content):
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "u", "version": "5.3"}
    return json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content,
                       "channel": "shell", "buffers": []})  # fmt: skip


def replies(connection, seconds):
    """The kinds of messages that arrive within some seconds."""
    connection.settimeout(1)
    kinds, end = set(), time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            told = connection.recv()
        except websocket.WebSocketTimeoutException:
            continue
        kinds.add(json.loads(told)["msg_type"] if isinstance(told, str) else "binary")
    return kinds


def test_the_kernel_hears_of_widgets_and_runs_no_code(server, page, tmp_path):
    _, kernel = page
    mark = tmp_path / "mark"
    connection = channels(server, kernel, server.token)
    try:
        for code in (f"open({str(mark)!r}, 'w').close()", f"!touch {mark}"):
            connection.send(message("execute_request", code=code, silent=False))
        for kind in ("inspect_request", "complete_request", "history_request", "debug_request"):
            connection.send(message(kind, code="1", cursor_pos=1))
        connection.send(message("comm_info_request"))
        kinds = replies(connection, 10)
    finally:
        connection.close()
    assert "comm_info_reply" in kinds  # it does answer
    assert not {k for k in kinds if k.startswith(("execute", "inspect", "complete", "history", "debug"))}
    assert not mark.exists()


def test_no_connection_to_the_kernel_without_token(server, page):
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        channels(server, page[1], "wrong")


def test_another_page_in_the_same_browser_does_not_reach_the_kernel(server, page):
    """A browser sends the cookie that it got with the page along from wherever it is."""
    script = f"{server.address}/voila/static/voila.js?token={server.token}"
    with urllib.request.urlopen(script, timeout=30) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    channels(server, page[1], "", cookie=cookie, origin=server.address).close()
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        channels(server, page[1], "", cookie=cookie, origin="http://evil.example")


def test_ctrl_c_ends_it_and_leaves_nothing(server, page):
    (child,) = server.children()
    assert server.stop() == 0
    assert not server.folder.exists()
    with pytest.raises(ProcessLookupError):
        wait_for_the_end(child)
    assert "Traceback" not in server.log.read_text()


def wait_for_the_end(process):
    """Raises ProcessLookupError when a process is gone."""
    import os

    for _ in range(100):
        os.kill(process, 0)
        time.sleep(0.1)


def test_messages_of_a_kernel_do_not_wait_for_receipts():
    guarded, websocket = (
        importlib.import_module("facegen.panel.server").guarded,
        pytest.importorskip("tornado.websocket"),
    )
    told = []

    class Messages(websocket.WebSocketHandler):
        def set_nodelay(self, value):
            told.append(value)

        def open(self, kernel):
            told.append(kernel)

    made = guarded(Messages)
    made.open(made.__new__(made), "kernel 7")
    assert told == [True, "kernel 7"]


def test_a_page_for_each_kind_of_model_and_for_none(tmp_path):
    made = saving.save(deconv(), tmp_path / "heads")
    assert isinstance(panel.page(made), panel.ConditionPanel)
    (made / "weights.npz").write_bytes(b"something else")
    assert "SHA-256" in panel.page(made).value and 'role="alert"' in panel.page(made).value
    assert "no trained model" in panel.page(tmp_path / "<none>").value
    assert "<none>" not in panel.page(tmp_path / "<none>").value


def test_an_unknown_model_is_an_error_before_anything_listens(tmp_path, capsys):
    assert cli.main(["panel", str(tmp_path / "none"), "--no-browser"]) == 1
    assert "is no trained model" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_that_is_none_is_refused(port, capsys):
    with pytest.raises(SystemExit):
        cli.main(["panel", "clay-gan", "--port", port])
    assert "--port" in capsys.readouterr().err


def test_without_voila_it_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "facegen.panel.server", raising=False)
    monkeypatch.setitem(sys.modules, "voila.app", None)
    with pytest.raises(FacegenError, match="pip install 'voila"):
        importlib.import_module("facegen.panel.server")


def test_widgets_that_voila_cannot_show_are_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("importlib.metadata.version", lambda name: "7.7.1")
    assert cli.main(["panel", str(saving.save(gan(), tmp_path / "gan")), "--no-browser"]) == 1
    assert "needs ipywidgets 8, here is 7.7.1" in capsys.readouterr().err
