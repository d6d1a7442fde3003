"""Parallel shards with a merge: as many tasks as there are shards, and one that waits for all of them.

    python examples/client/shards.py 4 && airexec run --job shards

Look at `airexec graph --job shards --run latest`.
"""

import sys

from airexec.client import Client, Task

SHARD = (
    "import sys; print(sum(range(int(sys.argv[1]) * 100, int(sys.argv[1]) * 100 + 100)), file=open(sys.argv[2], 'w'))"
)
MERGE = "import sys; print('total', sum(int(open(name).read()) for name in sys.argv[1:]))"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 4
parts = [f"part-{number}.txt" for number in range(count)]
shards = [
    Task(f"shard-{number}", sys.executable, ["-c", SHARD, str(number), part]) for number, part in enumerate(parts)
]
merge = Task("merge", sys.executable, ["-c", MERGE, *parts], dependencies=[shard.id for shard in shards])
Client().create_job("shards", [*shards, merge])
print(f"ordered shards: {count} and a merge")
