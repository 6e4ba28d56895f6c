"""Kernels in floating point."""
