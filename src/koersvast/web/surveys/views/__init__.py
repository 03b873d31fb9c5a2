"""The views, by step: waves, files, codebook, weighting, publishing, linking, outcomes."""
