// Demo: one sends, everybody hears.
import { jsString, shellWord, showCode } from './code.js';
import { Feed } from './feed.js';
import { topicPath } from './hub.js';
import { publish } from './publish.js';
import { Stream } from './stream.js';

const TOPIC = 'broadcast';
const URL = topicPath(TOPIC);

export function broadcast(section) {
  const feed = new Feed(section.querySelector('.feed'));
  const stream = new Stream(section.querySelector('.state'), { event: line => feed.add(line), note: line => feed.add(line) });
  const form = section.querySelector('form');

  form.addEventListener('submit', event => {
    event.preventDefault();
    publish(URL, form.elements.text.value, form.querySelector('output'));
    form.elements.text.select();
  });
  form.addEventListener('input', () => explain(section, form.elements.text.value));
  explain(section, form.elements.text.value);

  stream.open([TOPIC]);
  return { enter: () => stream.resume(), leave: () => stream.close(), rest: () => stream.close() };
}

function explain(section, text) {
  showCode(section.querySelector('.code'), [
    { title: 'Listen, in a page', language: 'js', text: `const source = new EventSource('${URL}');
source.onmessage = event =>
  console.log(event.lastEventId, event.data);` },
    { title: 'Send, in a page', language: 'js', text: `await fetch('${URL}', {
  method: 'POST',
  body: ${jsString(text)},
});` },
    { title: 'Listen, in a shell', language: 'sh', text: `curl -N ${location.origin}${URL}` },
    { title: 'Send, in a shell', language: 'sh', text: `curl --data-raw ${shellWord(text)} ${location.origin}${URL}` },
  ]);
}
