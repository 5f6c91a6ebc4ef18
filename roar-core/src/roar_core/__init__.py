"""roar: Run Observation & Artifact Registration."""

__version__ = "0.1.0"
