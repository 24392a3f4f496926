"""Everything around the product: checking it, demonstrating it, running it on a host."""
