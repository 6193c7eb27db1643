"""Every bench, one after the other; results go to bench/results/*.json beside the machine's description.

    python -m bench [NAME …] [--data DIR]

Data to measure on (real Usenet posts, labelled sets, saved pages, …) is no part of the project; --data names a folder
that holds it. Without it, what cannot do without is left out, and the others run on what they make themselves. What
`make train` measures of the heads by cross-validation is not measured here.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

ALL = (
    "poll", "poll_warm", "fair", "intake", "match", "pages", "crawl", "voices", "judge", "sentiment", "topics_airline",
    "hard", "corpus", "themes", "tick", "month", "explore", "watch", "sensitivity",
    "replay_tweets",
)  # fmt: skip
ON_DATA = ("pages", "sentiment", "topics_airline", "watch", "replay_tweets")
RESULTS = Path(__file__).parent / "results"


def options_of(name: str, data: Path | None) -> list[str]:
    """The arguments of one bench beside --json.

    Raises:
        ValueError: it needs data, and there are none.
    """
    if data is None:
        if name in ON_DATA:
            raise ValueError(f"bench.{name} needs --data")
        return ["--warm", "--feeds", "20000"] if name == "poll_warm" else []
    airline = ["--csv", str(data / "sentiment" / "en_airline.csv"), "--label-column", "negativereason"]
    given = {
        "intake": ["--usenet", str(data / "usenet" / "en_20news_raw_sample.jsonl.gz")],
        "judge": ["--data", str(data / "sentiment")],
        "pages": [str(data / "pages")],
        "topics_airline": [*airline, "--label", "Lost Luggage", "--topics", "delivery"],
        "watch": ["--nab", str(data / "watch" / "nab"), "--lobo"],
        "sensitivity": ["--nab", str(data / "watch" / "nab")],
        "replay_tweets": [str(data / "watch" / "stocknet_tweets.csv.gz")],
    }
    return given[name] if name in given else options_of(name, None)


def run(name: str, options: list[str]) -> str:
    """What one bench prints."""
    module = name.partition("_")[0]  # poll_warm is poll, asked another question
    command = [sys.executable, "-m", f"bench.{module}", *options, "--json"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*ALL, []], default=[], metavar="NAME")
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    names = options.names or [name for name in ALL if options.data or name not in ON_DATA]
    RESULTS.mkdir(exist_ok=True)
    for name in names:
        print(f"bench.{name} …", file=sys.stderr)
        if name == "sentiment" and options.data:  # one report a set
            sets = sorted((options.data / "sentiment").glob("*.csv"))
            done = json.dumps({one.stem: json.loads(run(name, [str(one)])) for one in sets}, indent=1) + "\n"
        else:
            try:
                more = options_of(name, options.data)
            except ValueError as error:
                parser.error(str(error))
            done = run(name, more)
        (RESULTS / f"{name}.json").write_text(done, encoding="utf-8")
        print(done)


if __name__ == "__main__":
    main()
