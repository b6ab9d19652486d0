"""What is measured, beside its baseline, in one run. `python -m benchmarks` writes `results.json`."""
