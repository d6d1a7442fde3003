"""What the manager writes down about itself: by structlog, in lines or JSON, in files of a bounded size."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from typing import Any

import structlog

from airexec.state.settings import Settings

BYTES_MAX, FILES_MAX = 4 << 20, 3


def manager_log(base_path: str, settings: Settings, *, is_seen: bool) -> Any:
    """Return the logger of a manager: into `manager.log` of the base path, and on stderr if that is seen."""
    rendered = structlog.processors.JSONRenderer() if settings.log_format == "json" else _Line()
    path = f"{base_path}/manager.log"
    handlers: list[logging.Handler] = [
        RotatingFileHandler(path, maxBytes=BYTES_MAX, backupCount=FILES_MAX - 1, encoding="utf-8")
    ]
    if is_seen:
        handlers.append(logging.StreamHandler(sys.stderr))
    logger = logging.Logger("airexec.manager", settings.log_level.upper())
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    return structlog.wrap_logger(
        logger,
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            rendered,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


class _Line:
    """Renders an event as a line for people: `2026-11-21T01:33:12.345Z info  runner started  job=etl pid=17`."""

    def __call__(self, logger: Any, method: str, event: Any) -> str:
        facts = dict(event)
        head = (facts.pop("timestamp"), f"{facts.pop('level'):7}", facts.pop("event"))
        return "  ".join([*head, *(f"{key}={_shown(value)}" for key, value in facts.items())])


def _shown(value: Any) -> str:
    text = str(value)
    return text if text and text.isprintable() and " " not in text else repr(text)
