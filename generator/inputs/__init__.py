"""What a user names – spec, chart, archive, manifests, a state in git – as files, and read as manifests."""
