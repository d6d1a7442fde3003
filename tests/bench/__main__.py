"""`python -m tests.bench [CASE...]`: airexec beside its peers, as one table of medians, spreads and ratios.

Not a timed test: it fails when somebody does not do the work, never for speed.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.bench.cases import BIG, CASES
from tests.bench.measure import FailedError
from tests.bench.programs import absent
from tests.bench.table import Row, as_json, as_text, machine


def main() -> int:
    options = _options()
    names = options.case or [name for name in CASES if options.big or name not in BIG]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="airexec-bench-") as folder:
        for name in names:
            print(f"{name} …", file=sys.stderr, flush=True)
            try:
                rows += CASES[name](Path(folder) / name, options.rounds)
            except FailedError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 1
    if options.json:
        print(json.dumps(as_json(rows, absent()), indent=1))
    else:
        print(as_text(rows))
        print(f"\n{machine()}, {options.rounds} rounds; ratio: airexec ÷ peer, else part of the limit")
        if absent():
            print(f"not installed, hence left out: {', '.join(absent())}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("case", nargs="*", choices=[[], *CASES], help=f"default: all but {', '.join(BIG)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--big", action="store_true", help="also graphs of 100,000 tasks")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
