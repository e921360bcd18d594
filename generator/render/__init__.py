"""Stage: chart folder → rendered manifests, by real Helm. The only room that runs Helm.

`find_engine` chooses the Helm, `render` runs it within limits of time, memory and output.
"""
