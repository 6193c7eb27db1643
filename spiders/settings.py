"""How Scrapy runs inside Listener: it schedules requests and calls spiders; everything polite is done by gather/net.py.

Read by name (listener/gather/crawl.py). Every line has its reason.
"""

SPIDER_MODULES = ["spiders"]  # each module with a named SourceSpider is a kind of source

# The loop is ours, and plain asyncio: scheduler, poller, mail and spiders share it.
TWISTED_REACTOR_ENABLED = False

# One door to the network: robots.txt, host slots, delays, caps, time-outs, redirects and the address guard are the
# same for spiders and feeds because the same code asks (spiders/handler.py).
DOWNLOAD_HANDLERS = {
    "http": "spiders.handler.WebHandler",
    "https": "spiders.handler.WebHandler",
    "ftp": None,  # nothing but http and https is fetched, whatever a page links to
    "file": None,
    "data": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}  # what they do, the door does; a second opinion would only differ
SPIDER_MIDDLEWARES_BASE = {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25}  # errors go to errbacks instead
EXTENSIONS_BASE: dict[str, int] = {}  # no telnet, no remote control, no memory watch: the service has its own
ITEM_PIPELINES_BASE: dict[str, int] = {}  # posts go straight into the visit's basket (signal item_scraped)

DOWNLOAD_DELAY = 0  # the host's queue keeps the delay, over all crawls and polls
DOWNLOAD_DELAY_JITTER = 0
CONCURRENT_REQUESTS = 8  # requests of one spider that may wait for their turn; the host's slots decide
CONCURRENT_REQUESTS_PER_DOMAIN = 8
CONCURRENT_ITEMS = 1  # so many tasks are made for every page, and posts do not come this way (spiders/base.py)

# A page is asked for once in a visit; what failed is asked for again at the next one, with back-off. No RETRY.
# Depth first (the default queue): a thread is read to its end before the next one, so that its mark can be booked.

STATS_DUMP = False  # health lines say what matters
LOG_LEVEL = "WARNING"
WARN_ON_GENERATOR_RETURN_VALUE = False  # reads every callback's source, for a mistake that mypy finds

PAGE_READER = "spiders.pages.look.look"  # what `listener discover` asks what a page is (listener/gather/discover.py)
