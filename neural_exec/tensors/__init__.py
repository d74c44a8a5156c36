"""Executing on tensors, with gradients."""
