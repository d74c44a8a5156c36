"""Computational geometry."""
