"""How long `import facegen` takes next to `import numpy`, each in a fresh Python.

python benchmarks/import_time.py [RUNS]
"""

import statistics
import subprocess
import sys
import time

STATEMENTS = ("pass", "import numpy", "import facegen")


def seconds(statement: str) -> float:
    """Return how long a fresh Python takes for a statement."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    times = {statement: [] for statement in STATEMENTS}
    for _ in range(runs + 1):  # in turn, so that a busy moment meets all three
        for statement in STATEMENTS:
            times[statement].append(seconds(statement))
    empty, numpy, facegen = (1000 * statistics.median(times[statement][1:]) for statement in STATEMENTS)
    print(f"medians of {runs} runs: an empty Python {empty:.1f} ms")
    print(f"import numpy   {numpy - empty:6.1f} ms more")
    print(
        f"import facegen {facegen - empty:6.1f} ms more, {(facegen - empty) / (numpy - empty):.3f} of NumPy's"
    )


if __name__ == "__main__":
    main()
