#!/usr/bin/env python3
"""Run the notebooks at smoke scale as on Colab: a folder with a wheel and notebooks, and no checkout.

.venv-colab/bin/python tools/colab.py       with the packages of this Python, but without its facegen
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


def main() -> int:
    shutil.rmtree(PLACE, ignore_errors=True)
    content = PLACE / "content"
    shutil.copytree(ROOT / "notebooks", content)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        content,
        ROOT,
    ]
    subprocess.run(pip, check=True)
    python = without_facegen(PLACE / "venv")
    environment = {**os.environ, "FACEGEN_SCALE": "smoke", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    options = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300", "-q", "-x", "--color=no"]
    alone = ["-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull, f"--rootdir={content}"]
    failed = []
    for notebook in sorted(content.glob("*.ipynb")):
        command = [python, "-m", "pytest", *options, *alone, notebook.name]
        done = subprocess.run(command, cwd=content, env=environment, check=False)
        print(notebook.stem, "FAILED" if done.returncode else "ok", flush=True)
        failed += [notebook.stem] * bool(done.returncode)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
