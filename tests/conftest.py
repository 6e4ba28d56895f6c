"""Settings of all tests."""

from hypothesis import settings

# Machines are shared and noisy: how long an example took says nothing about whether it is right.
settings.register_profile("neuro-bpdl", deadline=None)
settings.load_profile("neuro-bpdl")
