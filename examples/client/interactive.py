"""An interactive command driven with pexpect: the task answers what another program asks on its terminal.

    pip install pexpect
    python examples/client/interactive.py && airexec run --job interactive

Look at `airexec logs --job interactive install`: question, answer, and what came of it.
"""

import sys

from airexec.client import Client, Task

INSTALLER = "name = input('Name of the database? '); print('created', name)"
ANSWERS = f"""
import sys, pexpect
child = pexpect.spawn(sys.executable, ["-c", {INSTALLER!r}], encoding="utf-8", timeout=30)
child.logfile_read = sys.stdout
child.expect_exact("Name of the database? ")
child.sendline("orders")
child.expect(pexpect.EOF)
child.close()
sys.exit(child.exitstatus)
"""

Client().create_job("interactive", [Task("install", sys.executable, ["-c", ANSWERS], execution_timeout="1m")])
print("ordered interactive")
