"""What all tests share: a clean environment, and tiny folders in the data sets' own formats."""

import os
import random
import signal
from pathlib import Path

import folders
import pytest
import served
from hypothesis import settings

from facegen.utils.logging import logger

settings.register_profile("facegen", deadline=None)  # a machine may be busy with something else
settings.load_profile("facegen")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """Settings of the person who runs the tests must not change what is tested."""
    for name in ("FACEGEN_CACHE", "FACEGEN_DATA", "FACEGEN_BUILD", "FACEGEN_SCALE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def browser():
    """Chromium, driven by playwright; where there is none, the test is skipped."""
    program = served.chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium's own sandbox does not run as root, nor in most containers
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def caplog(caplog):
    """pytest's own, which also hears facegen: its logger passes on to no other."""
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


@pytest.fixture
def celeba(tmp_path) -> Path:
    """CelebA with 12 pictures; see `folders.celeba`."""
    return folders.celeba(tmp_path / "celeba")


@pytest.fixture
def rafd(tmp_path) -> Path:
    """RaFD with 4 people (one a child), 2 emotions, 3 angles; see `folders.rafd`."""
    return folders.rafd(tmp_path / "rafd")


def pytest_configure(config):
    """Workers share the cores, and Ctrl-C works: tests in the background ignore it, and so would children."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    if workers > 1:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Each test and its fixtures draw the same numbers in every run: Keras seeds its layers from `random`."""
    random.seed(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """What no report can carry to pytest-xdist's main process (half a letter of a file's name) is escaped."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report
