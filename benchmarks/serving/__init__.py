"""The service under load, as a real process, beside infinity: see ``python -m benchmarks.serving --help``."""
