"""What happens, in order: the relay, the stock windows, the projector and the reconciler."""
