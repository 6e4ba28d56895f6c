"""Agents that act in an environment and learn by the same rule, S_pre · V̇."""
