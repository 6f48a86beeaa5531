"""Download a tiny CelebA over and over from a server that misbehaves, and kill the downloads.

    python tests/long/downloads.py                      100 downloads
    python tests/long/downloads.py --downloads 5 --seed 7

Every attempt is a process of its own, through all of gdown; Google Drive is played by tests/drive.py. For
each file that it asks for, the server rolls dice: it sends the file, or a third of it; nothing, other bytes,
too many of them, an error; a page about a quota, a login page. Half of the attempts are killed (SIGKILL), at
a random opening, renaming or removing of a file or at a random instant; every fourth time, two processes
download into one folder at once. After each attempt, whatever has a file's name in the folder must be that
file, bit for bit, nothing else may lie about, and who was not killed must have ended well or with a
FacegenError. Then the same is begun again, until all is there. Ends with 1 if anything was otherwise.
"""

import argparse
import contextlib
import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import drive
import gdown  # noqa: F401
import requests
from processes import dies_at, ended, forked

from facegen.data import download, googledrive, sources
from facegen.utils.errors import FacegenError

ERROR = 7  # exit code of a download that ends with a FacegenError
TROUBLES = ["", *drive.PAGES, "cut", "cut", "slow", "stall", "no ranges", "wrong", "other", "error"]
TROUBLES += ["no length", "endless", "late page", "late quota"]
STALE = Path(".facegen") / "download"


def publish() -> dict[str, bytes]:
    """Tiny files with the names of CelebA's, and tell `sources` about them."""
    chance = random.Random(0)
    sizes = {"img_align_celeba.zip": 300_000}
    content = {s.name: s.magic + chance.randbytes(sizes.get(s.name, 20_000)) for s in sources.CELEBA}
    sources.CELEBA = tuple(
        sources.Source(
            s.name, s.id, len(content[s.name]), hashlib.sha256(content[s.name]).hexdigest(), s.magic
        )
        for s in sources.CELEBA
    )
    return content


class Dice(dict):
    """Troubles that never run out: id -> a queue that always has one more."""

    def __init__(self, chance: random.Random, met: Counter):
        self.chance, self.met = chance, met

    def __missing__(self, name):
        return self

    def __bool__(self):
        return True

    def popleft(self):
        trouble = self.chance.choice(TROUBLES)
        self.met[trouble or "none"] += 1
        return trouble


def redirect(stand_in: str) -> None:
    """Send every request of this process to the stand-in."""
    send = requests.adapters.HTTPAdapter.send

    def redirected(self, request, *arguments, **options):
        request.url = drive.redirected(request.url, stand_in)
        return send(self, request, *arguments, **{**options, "proxies": {}})

    requests.adapters.HTTPAdapter.send = redirected
    sys.modules["gdown.download"].CHUNK_SIZE = 5_000
    googledrive.PAUSE, googledrive.TIMEOUT, googledrive.LOOK = 0.001, 0.3, 0.005
    googledrive.start = drive.Forked


def attempt(folder: Path, log: Path, stand_in: str, chance: random.Random) -> list[int]:
    """Download in one process or two, and maybe kill the first; their exit codes."""
    kind = chance.choice(("file", "instant", "", ""))
    number, moment = chance.randrange(1, 40), chance.uniform(0, 0.5)

    def work(doomed: bool) -> None:
        redirect(stand_in)
        if doomed and kind == "file":
            dies_at(number, folder)
        try:
            download.celeba(folder, progress=False)
        except FacegenError as error:
            print(error)
            raise SystemExit(ERROR) from error

    children = [forked(lambda: work(True), log)]
    if chance.random() < 0.25:
        children.append(forked(lambda: work(False), log))
    if kind == "instant":
        time.sleep(moment)
        with contextlib.suppress(ProcessLookupError):
            os.kill(children[0], signal.SIGKILL)
    return [ended(child) for child in children]


def faults(folder: Path, content: dict[str, bytes], codes: list[int]) -> list[str]:
    """What is not as it should be after an attempt."""
    there = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    named = {name: path for name, path in there.items() if "/" not in name}
    allowed = {
        (STALE / name).as_posix() for name in ("lock", *content, *(f"{n}-resumed.part" for n in content))
    }
    wrong = [
        f"{name} is not the published file"
        for name, path in named.items()
        if path.read_bytes() != content.get(name)
    ]
    wrong += [f"{name} lies about" for name in there.keys() - named.keys() - allowed]
    wrong += [f"exit code {code}" for code in codes if code not in (0, ERROR, -signal.SIGKILL)]
    if 0 in codes and named.keys() != content.keys():
        wrong.append("it ended well, and files are missing")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--downloads", type=int, default=100, help="that come to their end (default: 100)")
    parser.add_argument("--seed", type=int, default=0, help="of all that goes wrong (default: 0)")
    options = parser.parse_args()
    chance, met, ends, bad = random.Random(options.seed), Counter(), Counter(), 0
    content, place = publish(), Path(tempfile.mkdtemp(prefix="downloads-"))
    stand_in = drive.Drive({source.id: content[source.name] for source in sources.CELEBA})
    stand_in.troubles = Dice(random.Random(options.seed + 1), met)
    for number in range(options.downloads):
        folder, codes = place / str(number), [1]
        folder.mkdir()
        while 0 not in codes:
            codes = attempt(folder, place / f"{number}.log", stand_in.address, chance)
            ends.update(
                {0: "came through", ERROR: "ended with an error"}.get(code, "killed") for code in codes
            )
            for fault in faults(folder, content, codes):
                bad += 1
                print(f"{folder}: {fault}", flush=True)
        if number % 50 == 49:
            print(f"{number + 1} downloads, {bad} faults so far", flush=True)
    stand_in.stop()
    if not bad:
        shutil.rmtree(place)
    told = ", ".join(f"{name} {count}" for name, count in met.most_common())
    how = ", ".join(f"{count} {name}" for name, count in ends.most_common())
    print(
        f"{options.downloads} downloads in {ends.total()} attempts ({how}): {bad} faults\nThe server: {told}"
    )
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
