"""Watched: counts that are improbable become an alert, once."""
