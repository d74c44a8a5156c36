"""The learned step: names and their meaning, the network, its decisions."""
