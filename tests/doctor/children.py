"""Processes for programs that leave hooks, seeds and settings behind: torch's threads do not survive a fork."""

import multiprocessing

CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["wordfit.doctor.verify", "torch._dynamo"])  # else every child imports them
