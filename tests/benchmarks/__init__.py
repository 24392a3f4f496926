"""What the sidecar costs: each module measures one part of it, both sides in one run. Start them with ops/bench."""
