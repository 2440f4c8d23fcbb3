// npm eventsource-parser over a stream's bytes: node parser.mjs FILE writes a line of JSON for each event.
import {readFileSync} from 'node:fs'
import {createParser} from 'eventsource-parser'

const parser = createParser({
  onEvent: (event) => process.stdout.write(JSON.stringify({kind: 'event', type: event.event ?? 'message', data: event.data, id: event.id ?? ''}) + '\n'),
  onId: (id) => process.stdout.write(JSON.stringify({kind: 'id', id}) + '\n'),
  onError: (error) => process.stdout.write(JSON.stringify({kind: 'error', data: String(error)}) + '\n')
})
// In pieces of an odd size, so that blocks, lines and characters are cut anywhere, as a network does.
const decoder = new TextDecoder('utf-8', {ignoreBOM: true})
const bytes = readFileSync(process.argv[2])
for (let i = 0; i < bytes.length; i += 997) {
  parser.feed(decoder.decode(bytes.subarray(i, i + 997), {stream: true}))
}
