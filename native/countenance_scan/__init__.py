"""The compiled scan of Countenance's gallery: a library beside this file, which the gallery loads."""

from pathlib import Path

__all__ = ["LIBRARY"]

LIBRARY = Path(__file__).with_name("_scan.so")
"""The shared library. It has no Python in it."""
