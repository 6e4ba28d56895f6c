"""Settings of all tests."""

import signal

from hypothesis import settings

# Machines are shared and noisy: how long an example took says nothing about whether it is right.
settings.register_profile("neuro-bpdl", deadline=None)
settings.load_profile("neuro-bpdl")

# A shell starts a background job with SIGINT ignored, and children inherit that: tests of Ctrl-C would hang.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
