"""The store, the only place with SQL. `sqlite.open_store(path)` gives a `Store`; nothing above knows it is SQLite."""
