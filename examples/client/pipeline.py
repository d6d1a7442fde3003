"""Extract, transform, load: a job of three tasks, ordered by a program and carried out by airexec.

    python examples/client/pipeline.py && airexec run --job pipeline

Look at .airexec/jobs/pipeline/tasks.json before and after, and at `airexec status pipeline`.
"""

import sys

from airexec.client import Client, Task

EXTRACT = "open('orders.csv', 'w').writelines(f'{number},{number * 10}\\n' for number in range(5))"
TRANSFORM = "open('totals.txt', 'w').write(str(sum(int(line.split(',')[1]) for line in open('orders.csv'))))"
LOAD = "print('loaded', open('totals.txt').read())"

order = Client().create_job(
    "pipeline",
    [
        Task("extract", sys.executable, ["-c", EXTRACT]),
        Task("transform", sys.executable, ["-c", TRANSFORM], dependencies=["extract"]),
        Task("load", sys.executable, ["-c", LOAD], dependencies=["transform"], retries=2, retry_delay="1s"),
    ],
)
print(f"ordered pipeline ({order})")
