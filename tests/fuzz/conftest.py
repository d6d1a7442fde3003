"""The end-to-end rig is wanted here too."""

from tests.e2e.conftest import airexec

__all__ = ["airexec"]
