"""Magento's own services, called over REST."""
