"""The chart as data: object trees with Helm nodes, documented values, files, and where each of them came from."""
