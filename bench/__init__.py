"""Volley's benchmarks: real parts on one machine, every figure beside a yardstick measured in the same run."""
