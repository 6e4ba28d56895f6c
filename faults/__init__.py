"""Attacks on real processes: signals, full disks, limits, two writers, kills, changed files. ``make faults``."""
