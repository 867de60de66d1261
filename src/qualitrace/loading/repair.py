"""placeholder"""
from __future__ import annotations
from qualitrace.loading.grid import Grid
from qualitrace.loading.model import Notice
from qualitrace.loading.names import Names
from qualitrace.loading.recognise import Table
class Repairer:
    def __init__(self, grid: Grid, names: Names) -> None:
        self.notices: list[Notice] = []
    def repair(self, table: Table) -> Table:
        return table
