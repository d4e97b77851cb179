"""Thing models as the clouds' consoles import and export them."""
