"""What shows that the product keeps its promises."""
