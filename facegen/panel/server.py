"""A panel as a web page of its own: Voila on 127.0.0.1, for whoever has the token and for nobody else.

Voila runs one notebook of one line and shows what it returns, in a kernel of its own for every page that is
opened; of the messages that a browser can send to that kernel, it passes on those of widgets alone. Here
everything else goes as well: no file is served but Voila's own scripts, no source is shown, the page asks no
other machine for anything, and every request needs the token.
"""

import html
import re
import secrets
import socket
import sys
import tempfile
import webbrowser
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote

from facegen.utils.errors import FacegenError

try:
    import nbformat
    import tornado.web
    from jupyter_server.base.handlers import JupyterHandler
    from traitlets.config import Config
    from voila.app import Voila
    from voila.tornado.handler import TornadoVoilaHandler
except ImportError as error:
    raise FacegenError(f"`facegen panel` needs Voila ({error}): pip install 'voila>=0.5.6,<1'") from error

HOST = "127.0.0.1"
ELSEWHERE = re.compile(r'<link[^>]*href="https?://[^>]*>')  # Voila's page wants fonts from the network
REFUSED = "403: open the address that `facegen panel` has printed, token and all.\n"
UNUSED = ("/voila/files/", "/login", "/logout")
WIDGETS = [f"@voila-dashboards/widgets-manager{version}" for version in (7, 8)]
CONFIG = {
    "VoilaConfiguration": {
        "strip_sources": True,
        "show_tracebacks": False,
        "file_allowlist": [],
        "allow_template_override": "NO",
        "allow_theme_override": "NO",
        "extension_allowlist": [*WIDGETS, "@jupyter-widgets/jupyterlab-manager"],
    },
    "KernelSpecManager": {"kernel_dirs": []},  # this Python, whatever kernel somebody has called "python3"
    "MappingKernelManager": {"cull_idle_timeout": 600, "cull_interval": 60},  # kernels of pages long gone
}
LINE = "from facegen import panel\npanel.page({folder!r})"
CONFINED = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws://{host}:*"
SHORT = 40  # characters: the names of local sockets must not be much longer than 100


def serve(folder: str | Path, port: int = 8866, browser: bool = True) -> None:
    """Serve the panel of a trained model until Ctrl-C.

    Args:
        folder: of the bundle.
        port: to listen on, or the next one that is free; 0 for any.
        browser: open the page in this machine's browser.

    Raises:
        FacegenError: Voila is missing, or there are widgets that it cannot show.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.multiple(Server, initialize=lambda *_, **__: None, start=Server.launch_browser):
        ...     serve("my-gan", browser=False)  # without the patch, until Ctrl-C # doctest: +ELLIPSIS
        The panel is at
          http://127.0.0.1:8866/?token=...
        Ctrl-C ends it.
    """
    if (widgets := metadata.version("ipywidgets")).startswith("7."):
        raise FacegenError(
            f"`facegen panel` needs ipywidgets 8, here is {widgets} (as on Colab): Voila shows an empty page "
            "with it. In a notebook the panel works: "
            "`from facegen import load, panel; panel.for_model(load(...))`."
        )
    folder = Path(folder).resolve()
    with tempfile.TemporaryDirectory(prefix="facegen-panel-") as scratch:
        notebook = Path(scratch) / "panel.ipynb"
        nbformat.write(_notebook(folder), notebook)
        local = sys.platform == "linux" and len(scratch) < SHORT  # kernels then listen on no port at all
        server = Server(
            config=Config(CONFIG, KernelManager={"transport": "ipc" if local else "tcp"}),
            config_file_paths=[],  # nothing in the folder where we are started has a say
            ip=HOST,
            port=port or _free_port(),
            token=secrets.token_urlsafe(24),
            open_browser=True,  # calls `launch_browser` once it listens
            root_dir=scratch,
            connection_dir_root=scratch,
            notebook_path=str(notebook),
            log_level="ERROR",
            tornado_settings={
                "allow_unauthenticated_access": True,  # `guarded` refuses it, without a login page
                "allow_remote_access": False,
                "headers": {"Content-Security-Policy": CONFINED.format(host=HOST)},
            },
        )
        server.browser_wanted = browser
        server.initialize(argv=[])
        server.start()


def _notebook(folder: Path) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell(LINE.format(folder=str(folder)))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    title = {"title": f"facegen: {folder.name}"}
    return nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel, **title})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Server(Voila):
    """Voila with the token asked for everywhere, and less to ask for."""

    def init_handlers(self) -> list:
        """Voila's handlers, without those that the page does not need."""
        handlers = [h for h in super().init_handlers() if not h[0].startswith(UNUSED)]
        kinds = {TornadoVoilaHandler: Page}
        return [(pattern, guarded(kinds.get(kind, kind)), *rest) for pattern, kind, *rest in handlers]

    def launch_browser(self) -> None:
        """Say where the page is, and open it; the token is not given to the browser's command line."""
        address = f"http://{HOST}:{self.port}/?token={self.token}"
        print(f"The panel is at\n  {address}\nCtrl-C ends it.", flush=True)
        if self.browser_wanted:
            door = Path(self.root_dir) / "open.html"
            door.write_text(f'<meta http-equiv="refresh" content="0; url={html.escape(address)}">')
            webbrowser.open(door.as_uri())


class Page(TornadoVoilaHandler):
    """The page with the panel, which loads nothing from elsewhere."""

    async def get(self, path: str = "") -> None:
        if path:
            raise tornado.web.HTTPError(404)
        _ = self.xsrf_token  # a cookie, without which the page may not end its kernel when it is closed
        await super().get()

    def write(self, chunk) -> None:
        super().write(ELSEWHERE.sub("", chunk) if isinstance(chunk, str) else chunk)


def guarded(handler: type) -> type:
    """A handler of requests that turns away whoever has not shown the token."""

    class Guarded(*([] if issubclass(handler, JupyterHandler) else [JupyterHandler]), handler):
        async def prepare(self) -> None:
            await super().prepare()
            if not self.current_user:
                raise tornado.web.HTTPError(403)
            if ".." in unquote(self.request.path):
                raise tornado.web.HTTPError(404)

        def open(self, *arguments, **named):
            """Of a kernel's messages: each goes off at once, without the receipt of the last (40 ms)."""
            self.set_nodelay(True)
            return super().open(*arguments, **named)

        def write_error(self, status_code: int, **_) -> None:
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(REFUSED if status_code == 403 else f"{status_code}\n")

    return Guarded
