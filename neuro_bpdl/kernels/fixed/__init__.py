"""Kernels in Loihi's integers."""
