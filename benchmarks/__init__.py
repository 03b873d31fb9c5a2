"""Measurements that are not tests: how fast the engine is beside a peer, and how often its verdicts are wrong."""
