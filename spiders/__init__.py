"""Scrapy spiders: sources in, Posts out. `listener` finds them by name and imports nothing of this package."""
