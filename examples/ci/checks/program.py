import subprocess
import sys
import unittest


class Program(unittest.TestCase):
    def test_the_program_prints_the_greeting(self) -> None:
        out = subprocess.run([sys.executable, "greeter", "Ada"], capture_output=True, text=True, check=True).stdout

        assert "hello, Ada\n" == out
