// tmaxmax/go-sse against a hub: gosse URL writes a line of JSON for each event, until it is ended.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/tmaxmax/go-sse"
)

func main() {
	request, err := http.NewRequest("GET", os.Args[1], nil)
	if err != nil {
		log.Fatal(err)
	}
	client := sse.Client{
		Backoff: sse.Backoff{InitialInterval: 200 * time.Millisecond, MaxInterval: 2 * time.Second},
		OnRetry: func(err error, after time.Duration) { log.Print(err, ", again in ", after) },
	}
	connection := client.NewConnection(request)
	out := json.NewEncoder(os.Stdout)
	connection.SubscribeToAll(func(event sse.Event) {
		out.Encode(map[string]string{"kind": "event", "type": event.Type, "data": event.Data, "id": event.LastEventID})
	})
	log.Fatal(connection.Connect())
}
