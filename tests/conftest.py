"""For every test."""

import gc
import os

from hypothesis import settings

from orchestration.cli import GARBAGE_THRESHOLDS

# The tests run the command in their own process, which does at its start what the installed command does.
gc.set_threshold(*GARBAGE_THRESHOLDS)

# Two processes of tests share the cores; what several threads give has tests of its own, which say so.
os.environ.setdefault("LIUCUN_THREADS", "1")

# How long an example takes is the machine's matter; `make bench` measures.
settings.register_profile("liucun", deadline=None)
settings.load_profile("liucun")
