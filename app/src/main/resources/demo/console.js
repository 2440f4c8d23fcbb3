// Demo: a live console of whatever is published to the topics that match, and a form to publish to any.
import { jsString, shellWord, showCode } from './code.js';
import { Feed } from './feed.js';
import { hubPath, topicPath } from './hub.js';
import { publish, refuse } from './publish.js';
import { Stream } from './stream.js';
import { plural } from './words.js';

export function consoleDemo(section) {
  const listen = section.querySelector('form.listen');
  const send = section.querySelector('form.publish');
  const pause = section.querySelector('[data-do=pause]');
  const count = section.querySelector('.count');
  const chip = section.querySelector('.state');
  const feed = new Feed(section.querySelector('.feed'), (total, held) => {
    count.textContent = held === 0 ? plural(total, 'line') : `${held.toLocaleString('en')} held back`;
  });
  const hear = { event: line => feed.add({ ...line, topic: line.event.topic }), note: line => feed.add(line) };
  const stream = new Stream(chip, hear);
  let listening = true;

  function open() {
    stream.open(words(listen.elements.filters.value), start(listen));
    listening = true;
  }

  listen.addEventListener('submit', event => {
    event.preventDefault();
    open();
  });
  section.querySelector('[data-do=close]').addEventListener('click', () => {
    listening = false;
    stream.close();
  });
  pause.addEventListener('click', () => {
    const paused = pause.getAttribute('aria-pressed') !== 'true';
    pause.setAttribute('aria-pressed', paused);
    feed.pause(paused);
  });
  section.querySelector('[data-do=clear]').addEventListener('click', () => feed.clear());
  send.addEventListener('submit', event => {
    event.preventDefault();
    const url = publishUrl(send);
    const output = send.querySelector('output');
    if (url === null) {
      refuse(output, 'A URL cannot say the segments “.” and “..”. POST /events takes such a topic in its body.');
    } else {
      publish(url, send.elements.data.value, output);
    }
  });
  section.addEventListener('input', () => explain(section, listen, send));
  explain(section, listen, send);
  feed.clear();
  open();

  return {
    enter() {
      if (listening) {
        stream.resume();
      }
    },
    leave: () => stream.close(),
    rest: () => stream.close(),
  };
}

/** Topics hold no white space, so it may separate them. */
function words(text) {
  return text.split(/\s+/).filter(word => word !== '');
}

/** Where the stream starts, as the client takes it. */
function start(form) {
  return Object.fromEntries(new URLSearchParams(form.elements.start.value));
}

function eventsUrl(form) {
  const topics = words(form.elements.filters.value).map(filter => `topic=${encodeURIComponent(filter).replaceAll('%2F', '/')}`);
  return hubPath(`events?${[...topics, form.elements.start.value].join('&')}`);
}

function publishUrl(form) {
  const path = topicPath(form.elements.topic.value.trim());
  const options = ['type', 'key']
    .filter(name => form.elements[name].value !== '')
    .map(name => `${name}=${encodeURIComponent(form.elements[name].value)}`);
  return path === null || options.length === 0 ? path : `${path}?${options.join('&')}`;
}

function explain(section, listen, send) {
  const url = eventsUrl(listen);
  const type = send.elements.type.value.trim();
  const named = type === '' ? [] : ['// each type by its name', `source.addEventListener(${jsString(type)}, show);`];
  showCode(section.querySelector('.code'), [
    { title: 'Listen, in a page', language: 'js', text: [`const source = new EventSource(
  '${url}');
const show = ({ lastEventId, type, data }) =>
  console.log(lastEventId, type, data);
source.onmessage = show;`, ...named, `// what the hub says about the stream
source.addEventListener('hark.gap', show);
source.addEventListener('hark.close', show);`].join('\n') },
    { title: 'Listen, in a shell', language: 'sh', text: `curl -N ${shellWord(location.origin + url)}` },
    { title: 'Publish, in a shell', language: 'sh', text: `curl --data-raw ${shellWord(send.elements.data.value)} ${shellWord(location.origin + (publishUrl(send) ?? ''))}` },
  ]);
}
