"""A pause of the garbage collector while much is built that stays. Knows nothing of what that is."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Nothing that is built within is garbage; looking for it takes half of the time of a big file."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
