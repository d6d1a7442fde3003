"""airexec: run a declarative workflow file as make runs a Makefile."""

__version__ = "0.1.0"
__all__ = ["__version__"]
