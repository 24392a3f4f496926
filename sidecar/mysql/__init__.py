"""Everything that speaks SQL: one store per port, on Magento's own database."""
