"""System → Chart: every Kubernetes object as a tree, every value with its documentation."""
