"""Measurements, each a command of its own: ``qualitrace bench NAME`` (floor 5).

Speed is stated as ratios within one run: times are of one machine on one day. Registries of any size
are made from the profile's own demonstration, so that the measured data has the shape of real data.
"""
