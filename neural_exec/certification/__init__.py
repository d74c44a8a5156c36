"""Whole small worlds searched: is every answer right?"""
