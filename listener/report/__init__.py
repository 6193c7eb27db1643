"""The stages over the store: brands are watched, alerts raised and told, digests made and queued."""
