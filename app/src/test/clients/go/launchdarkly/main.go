// launchdarkly/eventsource against a hub: launchdarkly URL writes a line of JSON for each event, until it is ended.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/launchdarkly/eventsource"
)

func main() {
	request, err := http.NewRequest("GET", os.Args[1], nil)
	if err != nil {
		log.Fatal(err)
	}
	stream, err := eventsource.SubscribeWithRequestAndOptions(request,
		eventsource.StreamOptionInitialRetry(500*time.Millisecond),
		// Without a handler, Errors has to be read beside Events, or the stream hangs at its first end.
		eventsource.StreamOptionErrorHandler(func(err error) eventsource.StreamErrorHandlerResult {
			log.Print(err)
			return eventsource.StreamErrorHandlerResult{}
		}))
	if err != nil {
		log.Fatal(err)
	}
	out := json.NewEncoder(os.Stdout)
	for event := range stream.Events {
		out.Encode(map[string]string{"kind": "event", "type": event.Event(), "data": event.Data(), "id": event.Id()})
	}
}
