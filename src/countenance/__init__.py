"""Countenance: self-hosted face recognition that keeps the rules by construction.

*Countenance* is a face; *to countenance* is to permit. Nothing biometric happens in this package
unless a rule allows it: every door that takes a picture, makes a template or compares two of them
asks for a signed permit, and a permit is what a yes of the rules yields.

The packages, and which of them may import which, are drawn in ``ARCHITECTURE.md``; the import
contracts in ``.importlinter`` keep that drawing true.
"""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("countenance")
