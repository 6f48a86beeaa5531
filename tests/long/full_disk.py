"""Train on disks that are too small: the state before stays whole, and more room is all that is needed.

    python tests/long/full_disk.py                on a tmpfs of its own; needs the right to mount (root)
    python tests/long/full_disk.py --disks 30

Each training runs on a new disk of a random size, on which it cannot end. It must stop with a FacegenError
that says so; what is left must be whole (a checkpoint that can be read, or none, and no half file). Then the
disk is made larger, the same training is begun again, and ends with the bits of one that had room enough.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from kills import checkpoints, state, training
from processes import ended, forked

EXIT_FULL = 7


def mounted(folder: Path, size: int) -> None:
    """Mount a disk of so many bytes, or give the one that is there another size."""
    how = (
        ["-o", f"remount,size={size}"]
        if folder.is_mount()
        else ["-t", "tmpfs", "-o", f"size={size}", "tmpfs"]
    )
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", *how, str(folder)], check=True)


def attempt(name: str, folder: Path, log: Path, seed: int) -> int:
    """Train in a process of its own: 0, `EXIT_FULL` where it said that the disk is full, or another code."""

    def work():
        from facegen.utils.errors import FacegenError

        try:
            training(name, folder, seed)
        except FacegenError as error:
            print(error)
            raise SystemExit(EXIT_FULL if "No space left" in str(error) else 1) from error

    return ended(forked(work, log))


def run(name: str, disk: Path, size: int, log: Path, expected: dict) -> str:
    """One disk: what went wrong, "" for nothing; "roomy" where the training came to its end at once."""
    mounted(disk, size)
    try:
        code = attempt(name, disk / "run", log, seed=0)
        if code == 0:
            return "roomy"
        halves = [str(path) for path in disk.rglob("*.part")]
        begun = checkpoints.found(disk / "run" / "checkpoints")
        for path in begun:
            checkpoints._read(path)
        mounted(disk, 100 * size)
        again = attempt(name, disk / "run", log, seed=99 if begun else 0)
        found = state(disk / "run") if again == 0 else {}
        differing = [key for key in expected if found.get(key) != expected[key]]
        wrong = [f"exit code {code}"] * (code != EXIT_FULL) + halves + differing
        return ", ".join(wrong)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--disks", type=int, default=10, help="of each network (default: 10)")
    parser.add_argument("--seed", type=int, default=0, help="of their sizes (default: 0)")
    options = parser.parse_args()
    if os.geteuid():
        print(
            "Not tried: nobody but root may mount a disk; tests/training/test_trainer.py fills one otherwise."
        )
        return 0
    folder, chance, bad = Path(tempfile.mkdtemp(prefix="disks-")), random.Random(options.seed), 0
    for name in ("gan", "deconv"):
        if attempt(name, folder / name, folder / f"{name}.log", seed=0):
            raise SystemExit(f"the training with room enough failed, see {folder / name}.log")
        expected, tried = state(folder / name), 0
        whole = sum(path.stat().st_size for path in (folder / name).rglob("*"))
        while tried < options.disks:
            fault = run(
                name, folder / "disk", chance.randrange(4096, whole), folder / f"{name}.log", expected
            )
            tried += fault != "roomy"
            if fault not in ("", "roomy"):
                bad += 1
                print(f"{name}: {fault}", flush=True)
        print(f"{name}: {tried} full disks, {bad} faults so far", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
