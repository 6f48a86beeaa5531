#!/usr/bin/env python3
"""Run the notebooks at smoke scale as on Colab: a folder with a wheel and notebooks, and no checkout.

.venv-colab/bin/python tools/colab.py       with the packages of this Python, but without its facegen

Ends with 1 if a notebook fails, or if its first cell has installed anything but facegen.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "colab"


def without_facegen(folder: Path) -> Path:
    """An environment with all packages of this one but facegen; returns its Python."""
    venv.create(folder, clear=True, symlinks=True)
    python = folder / "bin" / "python"
    command = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "facegen" not in package.name:
            (site / package.name).symlink_to(package)
    shutil.copytree(Path(sys.prefix) / "share", folder / "share", symlinks=True, ignore=_models)
    return python


def _models(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "facegen"]


def packages(python: Path) -> set[str]:
    """What an environment has, as name==version."""
    command = [python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]
    return {*subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()}


def wheel(folder: Path) -> None:
    """Make the course's wheel, of what is in the checkout now."""
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)  # setuptools would take what lies there as well
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", folder, ROOT], check=True)


def passes(notebook: Path, python: Path) -> bool:
    """Run a notebook through nbval, in its own folder."""
    environment = {**os.environ, "FACEGEN_SCALE": "smoke", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    options = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300", "-q", "-x", "--color=no"]
    alone = ["-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull, f"--rootdir={notebook.parent}"]
    command = [python, "-m", "pytest", *options, *alone, notebook.name]
    return not subprocess.run(command, cwd=notebook.parent, env=environment, check=False).returncode


def main() -> int:
    shutil.rmtree(PLACE, ignore_errors=True)
    content = PLACE / "content"
    shutil.copytree(ROOT / "notebooks", content)
    wheel(content)
    python = without_facegen(PLACE / "venv")
    before, failed = packages(python), False
    for notebook in sorted(content.glob("*.ipynb")):
        good = passes(notebook, python)
        print(notebook.stem, "ok" if good else "FAILED", flush=True)
        failed |= not good
    changed = {line for line in before ^ packages(python) if not line.startswith("facegen==")}
    if changed:
        print("not as they were:", *sorted(changed))
    return int(failed or bool(changed))


if __name__ == "__main__":
    sys.exit(main())
