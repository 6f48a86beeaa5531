"""Measure what facegen costs, beside what people would otherwise run.

    python benchmarks/run.py                  list the benchmarks
    python benchmarks/run.py gan cache        run these; results go to build/bench/NAME.json
    python benchmarks/run.py all              run all, then write the report (`make bench`)
    python benchmarks/run.py all --small      tiny, to see that they run; the figures mean nothing

On a quiet machine: what runs beside them changes the figures, ratios less than rates.
`python benchmarks/report.py` makes docs/benchmarks.md of the results that are there.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, instead of this folder

from benchmarks import report, timing  # noqa: E402
from benchmarks.catalogue import BENCHMARKS  # noqa: E402
from facegen.utils import files  # noqa: E402


def measure(name: str, small: bool) -> None:
    """Run one, print its table, and write its result."""
    about = {"name": name, "at": time.strftime("%Y-%m-%d %H:%M"), "machine": timing.machine()}
    start = time.perf_counter()
    module, function = BENCHMARKS[name].where.split(":")
    found = getattr(importlib.import_module(f"benchmarks.{module}"), function)(small=small)
    result = {**about, **found, "took": round(time.perf_counter() - start, 1)}
    folder = report.folder(small)
    folder.mkdir(parents=True, exist_ok=True)
    files.write_text(folder / f"{name}.json", json.dumps(result, indent=1) + "\n")
    print(f"\n{report.section(result)}", flush=True)


def each(names: list[str], small: bool) -> int:
    """Run several, each in a fresh Python, so that nothing of one lingers in the next; 1 if one failed."""
    option = ["--small"] if small else []
    codes = [subprocess.run([sys.executable, __file__, name, *option]).returncode for name in names]
    failed = [name for name, code in zip(names, codes, strict=True) if code]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def options() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of benchmarks, or all")
    parser.add_argument("--small", action="store_true", help="tiny, to see that they run")
    chosen = parser.parse_args()
    for name in chosen.names:
        if name not in (*BENCHMARKS, "all"):
            parser.error(f"there is no benchmark {name!r}: expected all, or some of {', '.join(BENCHMARKS)}")
    return chosen


def main() -> int:
    chosen = options()
    if not chosen.names:
        print("\n".join(f"{name:10} {entry.title}" for name, entry in BENCHMARKS.items()))
        return 0
    if "all" in chosen.names:
        failed = each(list(BENCHMARKS), chosen.small)
        source = report.folder(chosen.small)
        report.write(source, source if chosen.small else report.DOCS)
        return failed
    if len(chosen.names) > 1:
        return each(chosen.names, chosen.small)
    measure(chosen.names[0], chosen.small)
    return 0


if __name__ == "__main__":
    sys.exit(main())
