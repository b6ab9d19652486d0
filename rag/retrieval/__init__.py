"""Question -> numbered evidence: candidates from three channels, fused, weighed and explained."""
