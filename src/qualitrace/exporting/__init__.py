"""The registry as documents: one function per format (floor 4)."""

from qualitrace.exporting.findings_page import findings_html
from qualitrace.exporting.graph import graphml
from qualitrace.exporting.mermaid import trace_mermaid
from qualitrace.exporting.rdf_jsonld import jsonld
from qualitrace.exporting.rdf_turtle import turtle
from qualitrace.exporting.spreadsheet import findings_xlsx
from qualitrace.exporting.svg import trace_svg

__all__ = ["findings_html", "findings_xlsx", "graphml", "jsonld", "trace_mermaid", "trace_svg", "turtle"]
