"""Engines that compute the same network: theory, eager, lava, nengo."""
