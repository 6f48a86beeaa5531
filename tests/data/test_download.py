"""Downloading CelebA: from a stand-in for Google Drive that fails in every way, and from one's own copies."""

import hashlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from random import Random

import drive
import folders
import pytest

import facegen
from facegen import cli
from facegen.data import download, googledrive, sources
from facegen.utils.errors import FacegenError

ZIP = "img_align_celeba.zip"
PARTS = Path(".facegen") / "download"


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> dict[str, bytes]:
    """The files of a tiny CelebA, by name. The .zip is made a megabyte long by its comment."""
    folder = folders.celeba(tmp_path_factory.mktemp("published"), zipped=True)
    import zipfile

    with zipfile.ZipFile(folder / ZIP, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("noise.bin", Random(0).randbytes(1_000_000))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def google(published, monkeypatch):
    """The stand-in; requests to Google Drive go to it, through all of gdown."""
    import gdown  # noqa: F401
    import requests

    wanted = [
        sources.Source(
            source.name,
            source.id,
            len(published[source.name]),
            hashlib.sha256(published[source.name]).hexdigest(),
            published[source.name][:4],
        )
        for source in sources.CELEBA
    ]
    monkeypatch.setattr(sources, "CELEBA", tuple(wanted))
    monkeypatch.setattr(googledrive, "PAUSE", 0.01)
    monkeypatch.setattr(googledrive, "TIMEOUT", 2)
    monkeypatch.setattr(googledrive, "LOOK", 0.01)
    monkeypatch.setattr(googledrive, "start", drive.Forked)
    monkeypatch.setattr(sys.modules["gdown.download"], "CHUNK_SIZE", 10_000)  # half a megabyte otherwise
    stand_in = drive.Drive({source.id: published[source.name] for source in wanted})
    send = requests.adapters.HTTPAdapter.send

    def redirected(self, request, *arguments, **options):
        request.url = stand_in.local(request.url)
        assert request.url.startswith("http://127.0.0.1:")
        options["proxies"] = {}
        return send(self, request, *arguments, **options)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", redirected)
    yield stand_in
    stand_in.stop()


def zip_id():
    return sources.CELEBA[-1].id


def check(folder: Path, published: dict[str, bytes]):
    """Everything is there, byte by byte, can be read, and nothing else has stayed."""
    assert {name: (folder / name).read_bytes() for name in published} == published
    assert [path.name for path in (folder / PARTS).iterdir()] == ["lock"]
    faces = facegen.read(folder)
    assert len(faces) == 12 and faces.image(11).size == (178, 218)


def test_all_files_come_and_nothing_is_unpacked(google, published, tmp_path, capfd):
    download.celeba(tmp_path / "new" / "celeba")
    check(tmp_path / "new" / "celeba", published)
    assert ZIP in capfd.readouterr().err
    assert all(starts == [0] for starts in google.starts.values())


def test_what_is_there_is_kept(google, published, tmp_path):
    download.celeba(tmp_path, progress=False)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.is_file()}
    google.starts = {name: [] for name in google.starts}
    download.celeba(tmp_path, progress=False)
    assert times == {path: path.stat().st_mtime_ns for path in times}
    assert not any(google.starts.values())


@pytest.mark.parametrize(
    "troubles",
    [
        ["cut"],
        ["cut", "cut", "cut", "cut", "cut", "cut", "cut"],  # each brings something: more than ATTEMPTS
        ["stall"],
        ["slow"],
        ["wrong"],
        ["cut", "wrong"],
        ["other"],
        ["error", "error"],
        ["cut", "error"],
        ["no ranges"],
        ["cut", "other", "cut"],
        ["unavailable"],
        ["cut", "unavailable"],
        ["no length"],
        ["cut", "no length"],
    ],
    ids=", ".join,
)
def test_it_gets_there_in_spite_of(google, published, tmp_path, troubles):
    google.troubles[zip_id()].extend(troubles)
    download.celeba(tmp_path, progress=False)
    check(tmp_path, published)
    assert not google.troubles[zip_id()]


def test_a_server_that_never_goes_on_with_a_half_file(google, published, tmp_path):
    google.troubles[zip_id()].extend(["cut", *["no ranges"] * 20])
    download.celeba(tmp_path, progress=False)
    check(tmp_path, published)


def test_it_goes_on_where_the_connection_ended(google, published, tmp_path):
    google.troubles[zip_id()].extend(["cut"])
    download.celeba(tmp_path, progress=False)
    assert 300_000 < max(google.starts[zip_id()]) <= len(published[ZIP]) // 3


@pytest.mark.parametrize(
    ("before", "trouble", "words", "asked"),
    [
        (["cut"], "quota", "quota for this file is used up", 1),
        (["cut"], "forbidden", "quota for this file is used up", 1),
        ([], "late quota", "quota for this file is used up", 1),
        (["cut"], "late page", "quota for this file is used up", 1),
        (["cut"], "login", "sign in", 2),  # gdown shows no page, and its guess may be wrong: once more
        ([], "moved", "sign in", 2),
    ],
)
def test_a_refusal_is_named_and_says_what_to_do(
    google, published, tmp_path, caplog, before, trouble, words, asked
):
    google.troubles[zip_id()].extend([*before, *[trouble] * 4])
    with pytest.raises(FacegenError, match=rf"{ZIP} missing"):
        download.celeba(tmp_path, progress=False)
    told = caplog.text
    source = sources.CELEBA[-1]
    for word in (words, source.address, str(tmp_path / ZIP), str(source.size), source.sha256, "--from"):
        assert word in told
    assert not (tmp_path / ZIP).exists() and (tmp_path / "list_attr_celeba.txt").exists()
    assert len(google.troubles[zip_id()]) == 4 - asked
    google.troubles[zip_id()].clear()
    download.celeba(tmp_path, progress=False)
    check(tmp_path, published)
    if before:
        assert max(google.starts[zip_id()]) > 300_000  # what had come was not spoilt by the page


@pytest.mark.parametrize("trouble", ["wrong", "other", "error"])
def test_it_gives_up_in_the_end(google, tmp_path, caplog, trouble):
    google.troubles[zip_id()].extend([trouble] * 50)
    with pytest.raises(FacegenError, match="missing"):
        download.celeba(tmp_path, progress=False)
    words = {"wrong": "SHA-256", "other": "something else", "error": "503"}[trouble]
    assert words in caplog.text
    assert not (tmp_path / ZIP).exists()
    assert 50 - len(google.troubles[zip_id()]) <= googledrive.ATTEMPTS + 1


def test_what_never_ends_is_ended(google, published, tmp_path):
    google.troubles[zip_id()].extend(["endless", "cut", "endless"])
    download.celeba(tmp_path, progress=False)
    check(tmp_path, published)


def test_a_disk_that_fills_up_while_it_comes(google, published, tmp_path, caplog):
    with files_of_at_most(300_000), pytest.raises(FacegenError, match=f"{ZIP} missing"):
        download.celeba(tmp_path, progress=False)
    assert "File too large" in caplog.text and not (tmp_path / ZIP).exists()
    download.celeba(tmp_path, progress=False)
    check(tmp_path, published)
    assert google.starts[zip_id()][-1] > 200_000  # what had room was kept


@contextmanager
def files_of_at_most(size):
    """As on a full disk: writing more fails."""
    import resource

    def limit(most):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    limit(size)
    try:
        yield
    finally:
        limit(resource.RLIM_INFINITY)


def test_it_is_all_the_same_how_gdown_fails(google, published, tmp_path, monkeypatch, caplog):
    import gdown

    for fail in (lambda *a, **k: None, lambda *a, **k: 1 / 0):
        with monkeypatch.context() as patch:
            patch.setattr(gdown, "download", fail)
            with pytest.raises(FacegenError, match="missing"):
                download.celeba(tmp_path, progress=False)
    assert "division by zero" in caplog.text
    download.celeba(tmp_path, progress=False)
    check(tmp_path, published)


def test_gdown_is_imported_only_when_it_is_used():
    code = "import sys; from facegen.data import download; sys.exit('gdown' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_another_file_of_that_name_is_not_touched(google, tmp_path):
    (tmp_path / "identity_CelebA.txt").write_text("000001.jpg 1\n")
    with pytest.raises(FacegenError, match=r"identity_CelebA.txt: is not the published file \(13 bytes"):
        download.celeba(tmp_path, progress=False)
    assert (tmp_path / "identity_CelebA.txt").read_text() == "000001.jpg 1\n"


def test_too_little_space_is_said_before_anything_comes(google, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100_000))
    with pytest.raises(FacegenError, match=r"missing need about .* MB, 0\.1 MB are free"):
        download.celeba(tmp_path, progress=False)
    assert not any(google.starts.values())


def test_of_two_commands_at_once_one_waits_and_finds_all_done(google, published, tmp_path):
    google.troubles[zip_id()].append("slow")
    errors = []

    def run():
        try:
            download.celeba(tmp_path, progress=False)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    check(tmp_path, published)
    assert all(starts == [0] for starts in google.starts.values())


CHILD = """
import sys, gdown, requests
sys.path.append({tests!r})
import drive
from facegen.data import download, googledrive, sources
googledrive.start = drive.Forked
here, size, digest, folder = sys.argv[1:]
source = sources.CELEBA[-1]
sources.CELEBA = (sources.Source(source.name, source.id, int(size), digest, b"PK"),)
send = requests.adapters.HTTPAdapter.send
def redirected(self, request, *arguments, **options):
    request.url = request.url.replace("https://drive.google.com", here)
    request.url = request.url.replace("https://drive.usercontent.google.com", here)
    return send(self, request, *arguments, **{**options, "proxies": {}})
requests.adapters.HTTPAdapter.send = redirected
sys.modules["gdown.download"].CHUNK_SIZE = 10_000
print("begins", flush=True)
download.celeba(folder, progress=False)
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_ended_in_the_middle_it_goes_on_the_next_time(google, published, tmp_path, end):
    google.troubles[zip_id()].append("stall")
    source, here = sources.CELEBA[-1], google.local("https://drive.google.com")
    code = CHILD.replace("{tests!r}", repr(str(Path(__file__).resolve().parents[1])))
    words = [sys.executable, "-c", code, here, str(source.size), source.sha256, str(tmp_path)]
    part = tmp_path / PARTS / f"{ZIP}-resumed.part"
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.readline()
        while child.poll() is None and not (part.exists() and part.stat().st_size):
            google.stopped.wait(0.01)
        child.send_signal(end)
        child.wait()
    assert child.returncode != 0
    assert not (tmp_path / ZIP).exists()
    assert 0 < part.stat().st_size < len(published[ZIP])
    begun = part.stat().st_size
    download.celeba(tmp_path, progress=False)
    check(tmp_path, published)
    assert google.starts[zip_id()][-1] == begun


def test_killed_and_served_badly_over_and_over(request):
    """A few of the downloads that tests/long/downloads.py does by the hundred."""
    command = [sys.executable, "tests/long/downloads.py", "--downloads", "2"]
    done = subprocess.run(command, cwd=request.config.rootpath, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "0 faults" in done.stdout


@pytest.mark.parametrize("where", ["staging", "beside"])
def test_ended_just_before_the_file_got_its_name(google, published, tmp_path, where):
    (tmp_path / PARTS).mkdir(parents=True)
    name = {"staging": ZIP, "beside": f"{ZIP}-resumed.part"}[where]
    (tmp_path / PARTS / name).write_bytes(published[ZIP])
    download.celeba(tmp_path, progress=False)
    check(tmp_path, published)
    assert google.starts[zip_id()] == []


@pytest.mark.parametrize("spoilt", [b"", b"PK", b"<html>", bytes(500_000), b"PK\x03\x04" + bytes(2_000_000)])
def test_a_part_that_was_spoilt_is_thrown_away(google, published, tmp_path, spoilt):
    (tmp_path / PARTS).mkdir(parents=True)
    (tmp_path / PARTS / f"{ZIP}-resumed.part").write_bytes(spoilt)
    download.celeba(tmp_path, progress=False)
    check(tmp_path, published)


def test_ones_own_copies_whatever_they_are_called(google, published, tmp_path):
    own = tmp_path / "Downloads"
    own.mkdir()
    for number, (name, content) in enumerate(sorted(published.items())):
        (own / f"{name} ({number})").write_bytes(content)
    (own / "holiday.jpg").write_bytes(b"?")
    download.celeba(tmp_path / "a", [own], progress=False)
    check(tmp_path / "a", published)
    assert not any(google.starts.values()) and len([*own.iterdir()]) == 5
    (copy,) = own.glob(f"{ZIP}*")
    download.celeba(tmp_path / "b", [str(copy)], progress=False)
    check(tmp_path / "b", published)
    assert google.starts[zip_id()] == [] and google.starts[sources.CELEBA[0].id] == [0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda whole: whole[:-1], "1,0.* bytes, expected"),
        (lambda whole: whole[:-1] + b"?", "SHA-256 .* expected"),
        (lambda whole: drive.QUOTA.encode(), "is a web page"),
    ],
)
def test_a_copy_that_is_not_the_published_file(google, published, tmp_path, change, words):
    (tmp_path / ZIP).write_bytes(change(published[ZIP]))
    with pytest.raises(FacegenError, match=rf"{ZIP}: is not the published {ZIP} \(.*{words}"):
        download.celeba(tmp_path / "celeba", [tmp_path / ZIP], progress=False)
    assert not (tmp_path / "celeba" / ZIP).exists()


def test_a_disk_that_fails_while_a_copy_is_taken(google, published, tmp_path, monkeypatch, capsys):
    own, copy = tmp_path / "own", download._copy
    own.mkdir()
    for name, content in published.items():
        (own / name).write_bytes(content)

    def fails(source, target, progress):
        if source.name == ZIP:
            target.write_bytes(published[ZIP][:1000])
            raise OSError(107, "Transport endpoint is not connected")
        copy(source, target, progress)

    with monkeypatch.context() as patch:
        patch.setattr(download, "_copy", fails)
        words = [
            "data",
            "celeba",
            str(tmp_path / "celeba"),
            "--accept-licence",
            "--quiet",
            "--from",
            str(own),
        ]
        assert cli.main(words) == 1
    err = capsys.readouterr().err
    assert "Transport endpoint" in err and len(err.splitlines()) == 1
    assert not (tmp_path / "celeba" / ZIP).exists()
    assert cli.main(words) == 0
    check(tmp_path / "celeba", published)


def test_a_copy_of_something_else(google, tmp_path):
    (tmp_path / "a.txt").write_text("?")
    for path in (tmp_path / "a.txt", tmp_path):
        with pytest.raises(FacegenError, match="none of the files of CelebA"):
            download.celeba(tmp_path / "celeba", [path], progress=False)
    with pytest.raises(FacegenError, match="no such file"):
        download.celeba(tmp_path / "celeba", [tmp_path / "b.txt"], progress=False)


def test_the_command_asks_for_the_licence_first(google, published, tmp_path, capsys):
    folder = tmp_path / "celeba"
    assert cli.main(["data", "celeba", str(folder)]) == 1
    out, err = capsys.readouterr()
    for words in ("non-commercial", "redistributed", f"facegen data celeba {folder} --accept-licence"):
        assert words in out
    assert "licence" in err and not folder.exists()
    assert cli.main(["data", "celeba", str(folder), "--accept-licence", "--quiet"]) == 0
    check(folder, published)


@pytest.mark.parametrize("name", sorted(sources.ASK))
def test_the_other_sets_are_only_talked_about(tmp_path, capsys, name):
    assert cli.main(["data", name, str(tmp_path / "there")]) == 0
    out = capsys.readouterr().out
    assert str(tmp_path / "there") in out and f"facegen data check {tmp_path / 'there'}" in out
    assert not (tmp_path / "there").exists()
    assert cli.main(["data", name]) == 0
    assert f"data/{name}" in capsys.readouterr().out


def test_the_published_files_are_those_that_everybody_knows():
    known = {source.name: (source.size, source.sha256[:8]) for source in sources.CELEBA}
    assert known[ZIP] == (1443490838, "46fb8944")
    assert known["list_attr_celeba.txt"] == (26721026, "f0e5da28")
    assert all(len(source.sha256) == 64 for source in sources.CELEBA)


def test_gdown_has_a_process_of_its_own_which_says_what_it_met(tmp_path):
    child = googledrive.start("http://127.0.0.1:9/nothing", str(tmp_path / "x"), "quiet")
    assert child.wait(60) == 0
    assert "ConnectionError: " in child.stdout.read()
    child.stdin.close(), child.stdout.close()


def test_that_process_finds_the_modules_of_its_parent(tmp_path, monkeypatch):
    """As in a notebook of a checkout, whose first cell has added the place of a package not installed."""
    (tmp_path / "gdown.py").write_text("def download(*_, **__):\n    raise ValueError('found')\n")
    monkeypatch.syspath_prepend(tmp_path)
    child = googledrive.start("http://127.0.0.1:9/nothing", str(tmp_path / "x"), "quiet")
    assert child.wait(60) == 0 and child.stdout.read() == "ValueError: found\n"
    child.stdin.close(), child.stdout.close()


def test_that_process_ends_with_its_parent(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        child = googledrive.start(
            f"http://127.0.0.1:{silent.getsockname()[1]}/x", str(tmp_path / "x"), "quiet"
        )
        silent.settimeout(60)
        connection, _ = silent.accept()
        child.stdin.close()  # as the system does when a process is killed
        assert child.wait(60) == 1
        connection.close(), child.stdout.close()
