"""`listener explore`: a site on this machine to read the store with, and to take up what people said.

Datasette (0.65) serves it and gives it its SQL page; the pages are ours (pages/), and so are the door (who is signed
in), the guard (which hosts, which headers) and the desk (what is written). Read-only for everybody; to write one has to
be signed in. Not one line of JavaScript: the content security policy allows none.
"""
