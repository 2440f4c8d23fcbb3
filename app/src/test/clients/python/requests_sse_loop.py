"""requests-sse against a hub: requests_sse_loop.py URL writes a line of JSON for each event, until it is ended."""
import json
import sys
from datetime import timedelta

from requests_sse import EventSource

# It comes back by itself; how often, is said here.
with EventSource(sys.argv[1], timeout=60, reconnection_time=timedelta(milliseconds=500), max_connect_retry=100) as source:
    for event in source:
        line = {"kind": "event", "type": event.type, "data": event.data, "id": event.last_event_id}
        print(json.dumps(line), flush=True)
