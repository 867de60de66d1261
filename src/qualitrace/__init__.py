"""Qualitrace (质溯): documents become a registry that answers who is responsible for what."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("qualitrace")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
