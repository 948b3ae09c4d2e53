"""For every test."""

import gc
import os

from orchestration.cli import GARBAGE_THRESHOLDS

# The tests run the command in their own process, which does at its start what the installed command does.
gc.set_threshold(*GARBAGE_THRESHOLDS)

# Two processes of tests share the cores; what several threads give has tests of its own, which say so.
os.environ.setdefault("LIUCUN_THREADS", "1")
