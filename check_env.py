#!/usr/bin/env python3
"""Look at this machine: can the course run here, and if not, what mends it?

    python3 check_env.py            the packages of .venv where there is one, else of this Python
    python3 check_env.py --here     those of this Python
    python3 check_env.py --full     also start Keras, to see whether it finds the GPU (some seconds)
    python3 check_env.py --json     the same for programs

Needs nothing but Python, changes nothing, and ends with 1 only if the course could not run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
OK, NOTE, BAD = "ok", "note", "bad"  # note: the course runs, something else does not
GB = 1e9
DISK, MEMORY = (
    (1.0, 6.0),
    (1.5, 4.0),
)  # GB: below the first the course cannot run, below the second it is tight
GROUPS = ("lab",)  # of packages that make setup installs besides; make test adds its own, others are optional
USES = {  # what they are for
    "jupyterlab": "make lab",
    "ipykernel": "notebooks",
    "nbclient": "make course",
    **dict.fromkeys(("sphinx", "myst-nb", "sphinx-book-theme"), "pages"),
    "voila": "facegen panel",
}
STAND_INS = {"tensorflow": ("tensorflow-cpu", "tf-nightly", "tensorflow-intel", "tensorflow-macos")}
BACKENDS, DEFAULT_BACKEND = ("tensorflow", "jax", "torch"), ("tensorflow", "Keras's default")
KERAS_SETTINGS = {  # what Keras refuses to start without; of those that it takes, the course sets its own
    "floatx": ("float32", ("float16", "float32", "float64")),
    "epsilon": (1e-7, float),
    "image_data_format": ("channels_last", ("channels_last", "channels_first")),
}
CELEBA_PLACES = ("img_align_celeba", "Img/img_align_celeba")
RAFD = re.compile(r"Rafd([\d.]+)_(\d+)_\w+_(?:fe)?male_([a-z]+)_frontal", re.I)


@dataclass
class Line:
    """One line of the table: `mend` is the command or the step that puts it right."""

    what: str
    state: str
    found: str
    wanted: str = ""
    mend: str = ""


def on_colab() -> bool:
    return "COLAB_RELEASE_TAG" in os.environ


# Packages


def requirements(text: str) -> list[tuple[str, str, str]]:
    """Return (package, range, group) of all that a pyproject.toml asks for; group "" is the course itself."""
    import tomllib  # here, so that an older Python gets as far as being told that it is too old

    project = tomllib.loads(text)["project"]
    extras = project.get("optional-dependencies", {})
    groups = {"": project["dependencies"], **{name: extras[name] for name in GROUPS if name in extras}}
    found = []
    for group, needed in groups.items():
        for requirement in needed:
            name, wanted = re.match(r"([\w.-]+)(?:\[[^\]]*\])?\s*([^;]*)", requirement).groups()
            found.append((name, wanted.strip(), group))
    return found


def release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version: "2.21.0rc1" -> (2, 21); final zeros do not count."""
    numbers = re.match(r"v?(\d+(?:\.\d+)*)", version)
    parts = [int(number) for number in numbers[1].split(".")] if numbers else [0]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)


def judge(version: str, wanted: str) -> str:
    """Compare a version with a range such as ">=2.20,<3": "ok", "too old" or "too new"."""
    for bound in filter(None, wanted.replace(" ", "").split(",")):
        sign, limit = re.match(r"(>=|<=|==|>|<)(.+)", bound).groups()
        have, need = release(version), release(limit)
        if (sign in (">=", "==") and have < need) or (sign == ">" and have <= need):
            return "too old"
        if (sign in ("<=", "==") and have > need) or (sign == "<" and have >= need):
            return "too new"
    return OK


def installed(name: str) -> str | None:
    """Return the version of a package without importing it, None where it is missing."""
    for candidate in (name, *STAND_INS.get(name, ())):
        try:
            return metadata.version(candidate)
        except metadata.PackageNotFoundError:
            pass
    return None


def mend_package(name: str, wanted: str, colab: bool) -> str:
    """Return the command that installs a package in the range; elsewhere than on Colab, all of them."""
    if colab:
        return f'%pip install -q "{name}{wanted}"'
    return f'{sys.executable} -m pip install --editable "{ROOT}[lab]"' if in_own_home() else "make setup"


def in_own_home() -> bool:
    """Tell whether this Python belongs to a virtual environment, venv's or conda's."""
    conda = os.environ.get("CONDA_DEFAULT_ENV", "base") != "base"
    return sys.prefix != sys.base_prefix or (conda and sys.prefix == os.environ.get("CONDA_PREFIX"))


def package(name: str, wanted: str, group: str, version: str | None, colab: bool) -> Line:
    """Judge one package. What the course itself does not need is never a reason to fail."""
    what = f"{name} (for {USES.get(name, group)})" if group else name
    judged = "missing" if version is None else judge(version, wanted)
    if judged == OK:
        return Line(what, OK, version, wanted)
    state = NOTE if group or judged == "too new" else BAD  # what is newer may well work
    mend = "" if colab and state == NOTE else mend_package(name, wanted, colab)
    return Line(what, state, f"{version}, {judged}" if version else judged, wanted, mend)


def packages(text: str, colab: bool, version=installed):
    """Yield a line for each package; on Colab only for what the course itself needs."""
    for name, wanted, group in requirements(text):
        if not (colab and group):
            yield package(name, wanted, group, version(name), colab)


# Python, Keras and the machine


def python(version: tuple = sys.version_info) -> Line:
    found, wanted = ".".join(map(str, version[:3])), ">=" + ".".join(map(str, OLDEST))
    mend = "install a newer Python, then: make setup PYTHON=python3.12"
    good = tuple(version[:2]) >= OLDEST
    return Line("Python", OK if good else BAD, found, wanted, "" if good else mend)


def backend(environment: dict, version=installed) -> Line:
    """Tell which backend Keras will take, and whether its settings are any, without importing it."""
    file = Path(environment.get("KERAS_HOME") or Path.home() / ".keras") / "keras.json"
    what, saved, unread = "Keras backend", {}, None
    try:
        saved = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:  # Keras passes over it
        unread = Line(what, NOTE, f"{file}: {error}", "JSON", f"mend or delete {file}")
    if wanted := unfit(saved):
        return Line(what, BAD, f"{file}: {saved}", wanted, f"delete {file}")
    told = (environment.get("KERAS_BACKEND"), "KERAS_BACKEND"), (saved.get("backend"), str(file))
    name, place = next((one for one in told if one[0]), DEFAULT_BACKEND)
    if name not in BACKENDS:
        mend = "unset KERAS_BACKEND" if place == "KERAS_BACKEND" else f"change {place}"
        return Line(what, BAD, f"{name} ({place})", ", ".join(BACKENDS), mend)
    if version(name) is None and name != "tensorflow":
        mend = f"{sys.executable} -m pip install {name}"
        return Line(what, BAD, f"{name} ({place}), not installed", name, mend)
    return unread or Line(what, OK, f"{name} ({place})")


def unfit(saved: object) -> str:
    """Return what Keras would have expected of its settings, "" where it can start with them."""
    if not isinstance(saved, dict):
        return "settings in braces"
    for name, (default, expected) in KERAS_SETTINGS.items():
        value = saved.get(name, default)
        if not (isinstance(value, expected) if isinstance(expected, type) else value in expected):
            return f"{name} {getattr(expected, '__name__', expected)}"
    return ""


def gpu() -> Line:
    """Ask nvidia-smi. No GPU is no fault: the laptop scale is made for that."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        told = ""
    return Line("GPU", OK, "; ".join(told.splitlines()) or "none: the notebooks take the laptop scale")


def keras_sees() -> Line:
    """Start Keras in another process, and ask for its devices."""
    code = (
        "import keras; name = keras.backend.backend(); import importlib as i\n"
        "n = len(i.import_module('tensorflow').config.list_physical_devices('GPU')) if name == 'tensorflow' "
        "else i.import_module('torch').cuda.device_count() if name == 'torch' "
        "else sum(d.platform != 'cpu' for d in i.import_module('jax').devices())\n"
        "print(n, 'GPU for Keras', keras.__version__, 'on', name)"
    )
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=quiet, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Line("Keras starts", BAD, last, "", "make distclean, then make setup")
    found = done.stdout.strip().splitlines()[-1]
    lost = found.startswith("0 ") and shutil.which("nvidia-smi") and "tensorflow" in found
    mend = f'{sys.executable} -m pip install "tensorflow[and-cuda]"' if lost else ""
    return Line("Keras starts", NOTE if lost else OK, found, "", mend)


def room(what: str, free: float | None, limits: tuple[float, float], mend: str) -> Line:
    """Judge free disk or memory, in GB."""
    if free is None:
        return Line(what, NOTE, "unknown", f"{limits[0]:g} GB")
    state = BAD if free < limits[0] else NOTE if free < limits[1] else OK
    return Line(what, state, f"{free:.1f} GB", f"{limits[1]:g} GB", "" if state == OK else mend)


def free_memory() -> float | None:
    """Return the memory that programs can still have, in GB: of the machine, or of the container if less."""
    if platform.system() == "Linux":
        told = re.search(r"MemAvailable:\s+(\d+)", Path("/proc/meminfo").read_text())
        free = int(told[1]) * 1024 / GB if told else None
        group = Path("/sys/fs/cgroup")
        try:
            limit = int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
        except (OSError, ValueError):  # no limit
            return free
        return min(free, limit / GB) if free is not None else limit / GB
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB
    except (AttributeError, OSError, ValueError):
        return None


def cores() -> Line:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Line("CPU cores", OK if count > 1 else NOTE, str(count), "2")


# Data sets


def pictures(folder: Path) -> list[str]:
    """Return the paths of the pictures in a folder, or in a .zip, and down to two folders below it.

    Hidden ones are none of them, such as those in a `.quarantine`.
    """
    if folder.suffix == ".zip":
        names = [name for name in zipfile.ZipFile(folder).namelist() if not name.startswith("__MACOSX")]
    else:
        paths = [path for depth in ("*", "*/*", "*/*/*") for path in folder.glob(depth)]
        names = [path.relative_to(folder).as_posix() for path in paths]
    shown = [name for name in names if not re.search(r"(^|/)\.", name)]
    return [name for name in shown if name.lower().endswith((".jpg", ".jpeg", ".png"))]


def quarantined(folder: Path) -> set[str]:
    """Return the names of pictures that `facegen data check --quarantine` has moved aside."""
    return {path.name for path in (folder / ".quarantine").rglob("*") if path.is_file()}


def celeba_counts(folder: Path) -> tuple[int, int]:
    """Return how many pictures a folder in CelebA's format has, and how many its table asks for.

    It asks for none that is in quarantine.
    """
    tables = [folder / at / f"list_attr_celeba{end}" for end in (".txt", ".csv") for at in ("", "Anno")]
    table = next((path for path in tables if path.is_file()), None)
    if table is None:
        raise ValueError("list_attr_celeba.txt is missing")
    with open(table, encoding="utf-8", errors="replace") as lines:
        rows = {found[0] for line in lines if (found := re.match(r"\d+\.(jpg|png)", line))}
    for place in CELEBA_PLACES:
        archive = folder / f"{place}.zip"
        if (folder / place).is_dir():
            have = {name.rpartition("/")[2] for name in pictures(folder / place)}
            return len(have), len(rows - (quarantined(folder) - have))
        if archive.is_file():
            if not zipfile.is_zipfile(archive):
                raise ValueError(f"{archive.name} is no zip archive (a download that failed?)")
            return len(pictures(archive)), len(rows)
    return 0, len(rows)


def rafd_counts(folder: Path) -> tuple[int, int]:
    """Return how many pictures with frontal gaze there are, and how many: people x emotions x angles.

    Those in quarantine are not asked for.
    """
    parts = {match.groups() for match in map(RAFD.search, pictures(folder)) if match}
    aside = {match.groups() for match in map(RAFD.search, quarantined(folder)) if match} - parts
    angles, people = ({part[i] for part in parts | aside} for i in (0, 1))
    return len(parts), len(people) * 8 * len(angles) - len(aside)


CLAY_OPTIONS = (
    "count", "people", "poses", "width", "angles", "gazes", "children", "seed",
    "backdrops", "label_noise", "odds",
)  # fmt: skip


def clay_command(folder: Path, note: dict) -> str:
    """Return the command that goes on with a clay folder, with the settings it was begun with."""
    settings = {**note["fixed"], **note["extent"]}
    command = [sys.executable, "-m", "facegen.cli", "data", f"clay-{settings['format']}", str(folder)]
    settings |= {"odds": str(folder / "odds.yaml")} if "odds" in settings else {}
    for key in CLAY_OPTIONS:
        value = settings.get(key, False)
        option = "--" + key.replace("_", "-")
        words = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        command += [] if value is False else [option] if value is True else [option, words]
    return shlex.join(command)


def dataset(folder: Path) -> Line:
    """Judge one data set: what clay has begun, the notebooks complete; a real set only its owner can."""
    rafd, clay = "rafd" in folder.name, folder.name.startswith("clay-")
    mend = f"delete {folder}: the notebooks draw it again" if clay else f"complete {folder}, or rename it"
    try:
        note = json.loads((folder / "clay.json").read_text(encoding="utf-8")) if clay else {"complete": True}
        if not note["complete"]:
            return Line(folder.name, NOTE, "begun, not finished", "", clay_command(folder, note))
        have, need = (rafd_counts if rafd else celeba_counts)(folder)
    except (OSError, ValueError, KeyError) as error:
        return Line(folder.name, BAD, f"{type(error).__name__}: {error}", "", mend)
    aside = len(quarantined(folder))
    found = f"{have:,} pictures" + f", {aside:,} in quarantine" * bool(aside)
    if have == need and have:
        return Line(folder.name, OK, found)
    return Line(folder.name, NOTE if have and rafd else BAD, found, f"{need:,}", mend)


def datasets(folder: Path):
    """Yield a line for each data set in `data/`."""
    for kind in ("celeba", "rafd"):
        present = [folder / name for name in (kind, f"clay-{kind}") if (folder / name).is_dir()]
        yield from map(dataset, present)
        if not present:
            yield Line(kind, OK, "not there: notebook 01 draws clay instead")


# The table


def lines(full: bool, environment: dict = os.environ):
    """Yield all lines."""
    yield python()
    if sys.version_info < OLDEST:
        return
    colab, data = on_colab(), Path(environment.get("FACEGEN_DATA") or ROOT / "data")
    yield from packages((ROOT / "pyproject.toml").read_text(encoding="utf-8"), colab)
    yield backend(environment)
    yield gpu()
    if full:
        yield keras_sees()
    yield cores()
    yield room("free memory", free_memory(), MEMORY, "close other programs")
    at = next(path for path in (data, *data.resolve().parents) if path.is_dir())
    yield room("free disk", shutil.disk_usage(at).free / GB, DISK, f"make room on the disk of {at}")
    yield from datasets(data)


def table(found: list[Line]) -> str:
    """Return the lines as text, and below them what to do."""
    width = [max(len(getattr(line, key)) for line in found) for key in ("what", "found")]
    sign = {OK: " ", NOTE: "-", BAD: "!"}
    rows = [f"{sign[x.state]} {x.what:{width[0]}}  {x.found:{width[1]}}  {x.wanted}".rstrip() for x in found]
    mends: dict[str, list[str]] = {}
    for line in filter(lambda line: line.mend, found):
        mends.setdefault(line.mend, []).append(line.what.partition(" (")[0])
    todo = [f"  {mend}\n      for {', '.join(names)}" for mend, names in mends.items()]
    bad = any(line.state == BAD for line in found)
    verdict = "The course cannot run yet (!)." if bad else "The course can run here."
    return "\n".join([*rows, "", verdict, *(["", "What to do:", *todo] if todo else [])])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--here", action="store_true", help="look at this Python even if there is a .venv")
    parser.add_argument("--full", action="store_true", help="also start Keras and ask for its devices")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    own = ROOT / ".venv/bin/python"
    if own.exists() and not (arguments.here or in_own_home()):
        command = [str(own), str(ROOT / "check_env.py"), "--here", *sys.argv[1:]]
        return subprocess.run(command, check=False).returncode
    found = list(lines(arguments.full))
    bad = any(line.state == BAD for line in found)
    if arguments.json:
        print(
            json.dumps(
                {"runs": not bad, "python": sys.executable, "lines": list(map(asdict, found))}, indent=1
            )
        )
    else:
        print(f"Looking at {sys.executable}\n\n{table(found)}")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
