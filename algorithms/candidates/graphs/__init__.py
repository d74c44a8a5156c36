"""Elementary graph algorithms, shortest paths, minimum spanning trees."""
