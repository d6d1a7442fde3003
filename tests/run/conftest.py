"""Logs and a console for tests of what chooses and feeds the views."""

from tests.views.conftest import console, logs

__all__ = ["console", "logs"]
