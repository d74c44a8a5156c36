"""Searching and order statistics."""
