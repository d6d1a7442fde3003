"""`python bare_loop.py GRAPH SLOTS`: what a graph costs in Python at least. No logs, no retries, nothing is checked.

GRAPH is a JSON file: a list of [name, [upstream, ...], command]. One `posix_spawn`, one pipe and one pidfd per task, a
line for its start and one for its end in a file; whatever else a scheduler does comes on top.
"""

import json
import os
import select
import sys

graph, slots = json.load(open(sys.argv[1])), int(sys.argv[2])  # noqa: SIM115
commands = {name: command for name, _, command in graph}
missing = {name: len(upstream) for name, upstream, _ in graph}
downstream: dict[str, list[str]] = {name: [] for name in commands}
for name, upstream, _ in graph:
    for other in upstream:
        downstream[other].append(name)
ready = [name for name, count in missing.items() if not count][::-1]
journal = os.open("journal", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
poll = select.epoll()
running: dict[int, tuple[str, int, int]] = {}
while ready or running:
    while ready and len(running) < slots:
        name = ready.pop()
        reading, writing = os.pipe()
        os.write(journal, json.dumps({"event": "started", "task": name}).encode() + b"\n")
        actions = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_DUP2, writing, 2)]
        argv = ["/bin/sh", "-c", commands[name]]
        pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions, setsid=True)
        os.close(writing)
        pidfd = os.pidfd_open(pid)
        running[pidfd] = name, pid, reading
        poll.register(pidfd, select.EPOLLIN)
    for pidfd, _ in poll.poll():
        name, pid, reading = running.pop(pidfd)
        poll.unregister(pidfd)  # a child just spawned may hold a copy for a moment, and then it would come again
        os.waitpid(pid, 0)
        os.read(reading, 65536)
        os.close(pidfd)
        os.close(reading)
        os.write(journal, json.dumps({"event": "completed", "task": name}).encode() + b"\n")
        for other in downstream[name]:
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
