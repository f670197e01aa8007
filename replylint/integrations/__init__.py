"""Replies of bots, checked inside the framework that makes them. Each module needs its framework, this package none."""
