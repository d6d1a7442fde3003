"""Where the manager says what it does."""

from typing import Protocol


class Log(Protocol):
    """structlog's loggers are such."""

    def info(self, event: str, **facts: object) -> object: ...
    def warning(self, event: str, **facts: object) -> object: ...
