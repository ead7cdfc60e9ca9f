"""Time and memory of `frameline classify` on one paragraph, process start included.

python -m benchmarks.first_answer
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PARAGRAPH = (
    "The defence ministry said the bridge would stay closed until the shelling stopped. Eleven families are still in "
    "the school, and the Red Cross has not been let through. Ankara called its ally's silence a betrayal."
)
ROUNDS = 7


def main() -> None:
    """Run the command a few times and print the median time and the peak memory."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paragraph.txt"
        file.write_text(PARAGRAPH, encoding="utf-8")
        for _ in range(ROUNDS):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-m", "frameline", "classify", str(file)], check=True, capture_output=True)
            times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"first answer: {statistics.median(times):.2f} s (median of {ROUNDS}), on {os.cpu_count()} cores")
    print(f"peak resident memory: {peak:.0f} MB")


if __name__ == "__main__":
    main()
