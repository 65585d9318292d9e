"""What breaks on stage, as drills with real processes and real signals: `pytest -s tests/drills` is a report."""
