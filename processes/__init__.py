"""Lava processes: one folder per process, holding process.py and models.py only.

Lava looks for models by executing every file beside a process, so nothing
else may live in these folders, and their imports are absolute.
"""
