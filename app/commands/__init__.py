"""The commands of `run.py`, one module for each."""
