"""A job and a small run on disk, as the tests of the store have them."""

from tests.state.conftest import job, small_run

__all__ = ["job", "small_run"]
