"""The registry as documents: one function per format (floor 4)."""

from qualitrace.exporting.graph import graphml
from qualitrace.exporting.jsonld import jsonld
from qualitrace.exporting.mermaid import trace_mermaid
from qualitrace.exporting.spreadsheet import findings_xlsx
from qualitrace.exporting.svg import trace_svg
from qualitrace.exporting.turtle import turtle

__all__ = ["findings_xlsx", "graphml", "jsonld", "trace_mermaid", "trace_svg", "turtle"]
