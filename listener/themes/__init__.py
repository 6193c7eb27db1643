"""Themes nobody named: what people talk about that no topic explains, grouped, followed, offered as topics."""
