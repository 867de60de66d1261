"""Questions about the network of links: cycles, islands, single points of failure, load (floor 2)."""

from qualitrace.networks.analysing import analyse
from qualitrace.networks.model import Analysis, Finding, Link

__all__ = ["Analysis", "Finding", "Link", "analyse"]
