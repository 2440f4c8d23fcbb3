// Reads base64-encoded streams, one a line; writes what eventsource-parser makes of each, one JSON array a line.
import { createParser } from 'eventsource-parser'
import { createInterface } from 'node:readline'

for await (const line of createInterface({ input: process.stdin })) {
  const found = []
  const parser = createParser({
    onEvent: ({ id, event, data }) => found.push({ id: id ?? null, type: event ?? '', data }),
    onRetry: (millis) => found.push({ retry: millis }),
  })
  parser.feed(new TextDecoder().decode(Buffer.from(line, 'base64')))
  console.log(JSON.stringify(found))
}
