// npm eventsource against a hub: node eventsource.mjs URL TYPE... writes a line of JSON for whatever it is told, until it is ended.
import {EventSource} from 'eventsource'

const [url, ...types] = process.argv.slice(2)
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')

const source = new EventSource(url)
// Not at the answer's head: until this it has no id to come back with.
source.addEventListener('hark.open', () => say({kind: 'open'}))
source.onerror = (error) => say({kind: 'error', data: String(error.message), state: source.readyState})
for (const type of ['message', 'hark.gap', 'hark.close', ...types]) {
  source.addEventListener(type, (event) => say({kind: 'event', type: event.type, data: event.data, id: event.lastEventId}))
}
