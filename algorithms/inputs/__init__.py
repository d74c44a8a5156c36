"""What algorithms are called with, checked and laid out as rows."""
