"""sseclient-py on requests against a hub: sseclient_loop.py URL writes a line of JSON for each event, until it is ended."""
import json
import sys
import time

import requests
import sseclient

last = ""
while True:
    try:
        headers = {"Accept": "text/event-stream"}
        if last:
            headers["Last-Event-ID"] = last
        with requests.get(sys.argv[1], stream=True, headers=headers, timeout=(10, 60)) as answer:
            answer.raise_for_status()
            for event in sseclient.SSEClient(answer).events():
                last = event.id or last
                line = {"kind": "event", "type": event.event, "data": event.data, "id": event.id or ""}
                print(json.dumps(line), flush=True)
    except requests.RequestException as error:
        print(repr(error), file=sys.stderr, flush=True)
    time.sleep(0.5)
