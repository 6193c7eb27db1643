"""Run by test_store_kill.py: adds batch after batch until it is killed. Arguments: store file, first post number."""

import sys
from pathlib import Path

from listener.records import Entry
from listener.store.sqlite import open_store
from tests.helpers_store import NOON, edited, make_taken

if __name__ == "__main__":
    store = open_store(Path(sys.argv[1]))
    number = int(sys.argv[2])
    print("ready", flush=True)
    while True:
        batch = [
            make_taken(store, n, f"Wagtail客服 {n}", author=f"a{n % 17}", thread=n % 9, position=n, topics=["outage"])
            for n in range(number, number + 40)
        ]
        again = [edited(taken, f"Wagtail edited {taken.post.url}") for taken in batch[:10]]
        with store.transaction():
            store.add(batch, [(f"unmatched{n}", "h", "forum") for n in range(number, number + 5)], NOON)
            for taken in batch:
                entry = Entry("wagtail", taken.voice, NOON.date(), -1.0, "x", "", taken.post.key)
                store.replace_entries("wagtail", taken.voice, NOON.date(), [entry])
        print(number, flush=True)
        store.add(again, [], NOON)
        number += 40
