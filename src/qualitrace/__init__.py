"""Qualitrace (质溯): goals traced to people, duties to standards, failed indicators to who answers for them."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("qualitrace")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
