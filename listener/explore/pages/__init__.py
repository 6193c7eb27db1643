"""The pages: each module reads what one of them shows and hands it to its template."""
