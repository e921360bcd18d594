"""The oracle: mutated objects are judged by a real API server and by the validator, and the verdicts compared."""
