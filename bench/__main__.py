"""Every bench, one after the other; results go to bench/results/*.json beside the machine's description.

    python -m bench [NAME …] [--data DIR]

Data to measure on (real Usenet posts, …) is no part of the project; --data names a folder that holds it, else the
benches run on what they make themselves.
"""

import argparse
import subprocess
import sys
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=["poll", "poll_warm", "fair", "intake", "pages", "crawl"])
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    usenet = options.data / "usenet" / "en_20news_raw_sample.jsonl.gz" if options.data else None
    more = {"intake": ["--usenet", str(usenet)] if usenet else [], "poll_warm": ["--warm", "--feeds", "20000"]}
    if options.data:
        more["pages"] = [str(options.data / "pages")]
    elif "pages" in options.names:
        options.names.remove("pages")  # saved pages of others cannot be part of the project
    RESULTS.mkdir(exist_ok=True)
    for name in options.names:
        print(f"bench.{name} …", file=sys.stderr)
        module = name.partition("_")[0]  # poll_warm is poll, asked another question
        command = [sys.executable, "-m", f"bench.{module}", "--json", *more.get(name, [])]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        (RESULTS / f"{name}.json").write_text(done.stdout, encoding="utf-8")
        print(done.stdout)


if __name__ == "__main__":
    main()
