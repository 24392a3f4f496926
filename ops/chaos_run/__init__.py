"""`ops/chaos`: break everything at once, then count what came through."""
