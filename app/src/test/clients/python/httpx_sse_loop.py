"""httpx-sse against a hub: httpx_sse_loop.py URL writes a line of JSON for each event, until it is ended."""
import json
import sys
import time

import httpx
from httpx_sse import connect_sse

last = ""
with httpx.Client(timeout=httpx.Timeout(10, read=60)) as client:
    while True:
        try:
            headers = {"Last-Event-ID": last} if last else {}
            with connect_sse(client, "GET", sys.argv[1], headers=headers) as source:
                for sse in source.iter_sse():
                    last = sse.id or last
                    line = {"kind": "event", "type": sse.event, "data": sse.data, "id": sse.id}
                    print(json.dumps(line), flush=True)
        except httpx.TransportError as error:
            print(repr(error), file=sys.stderr, flush=True)
        time.sleep(0.5)
