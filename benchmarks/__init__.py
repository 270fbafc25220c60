"""Speed, memory and sizes on the machine at hand: ``make bench`` or ``python -m benchmarks``."""
