"""A flash sale: thousands of small orders of twenty products, and what of it an ERP has to be told."""
