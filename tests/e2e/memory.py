"""How much memory the program needed, by the kernel's own account."""

import re
import subprocess
import time
from pathlib import Path
from typing import NamedTuple


class Ended(NamedTuple):
    exit_code: int
    peak_bytes: int


def peak_of(process: "subprocess.Popen[str]") -> Ended:
    """Wait for the scheduler and return how it ended and the most memory that it ever had."""
    peak = 0
    while process.poll() is None:  # once it has exited its memory is gone, and rusage would tell of its parent's too
        peak = max(peak, peak_so_far(process.pid))
        time.sleep(0.02)
    return Ended(process.returncode, peak)


def peak_so_far(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except ProcessLookupError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0
