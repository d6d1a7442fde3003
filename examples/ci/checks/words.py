import sys
import unittest

sys.path.insert(0, "greeter")

from words import greeting  # the package runs as a zip file, so its folder is the root


class Words(unittest.TestCase):
    def test_a_greeting_names_who_is_greeted(self) -> None:
        assert "hello, Ada" == greeting("Ada")
