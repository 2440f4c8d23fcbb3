// Demo: a stream of ten messages, one a second, that ends by an event which both sides agreed on.
import { showCode } from './code.js';
import { Feed } from './feed.js';
import { hubPath, topicPath } from './hub.js';
import { publish } from './publish.js';
import { showState } from './state.js';

const STEPS = ['check out', 'resolve', 'compile', 'test', 'package', 'sign', 'upload', 'migrate', 'restart', 'verify'];
const PAUSE_MILLIS = 1000;
const READY_STATES = ['CONNECTING', 'OPEN', 'CLOSED'];
/** No filter, so the hub answers 400: the shortest way to see `onerror`. */
const REFUSED_URL = hubPath('events');

export function ten(section) {
  const part = selector => section.querySelector(selector);
  const output = part('output');
  const latest = part('.latest');
  const start = part('[data-do=start]');
  const stop = part('[data-do=stop]');
  const slots = STEPS.map((step, i) => slot(i + 1, step));
  const timeline = new Feed(part('.feed'));
  let source = null;
  let timer = 0;
  let begun = 0;

  part('.slots').append(...slots);
  showState(part('.state'), 'closed', 0);
  showCode(part('.code'), snippets());
  start.addEventListener('click', run);
  stop.addEventListener('click', () => finish('source.close()', 'stopped by hand'));
  part('[data-do=refuse]').addEventListener('click', refuse);

  function run() {
    const id = randomId();
    const url = topicPath(`streams/${id}`);
    begin(url);
    part('.stream-id').textContent = id;
    start.disabled = true;
    stop.disabled = false;

    let asked = false;
    source.onopen = () => {
      log('onopen', 'the stream stands');
      if (!asked) {
        asked = true; // not again after a reconnect
        send(url, 1);
      }
    };
    source.onmessage = event => {
      const message = JSON.parse(event.data);
      slots[message.n - 1].dataset.heard = true;
      latest.textContent = `${message.n} of ${message.of}: ${message.step}`;
      log('onmessage', event.data, event.lastEventId);
    };
    source.addEventListener('end', event => {
      log('“end”', 'the agreed word', event.lastEventId);
      latest.textContent = 'All ten are here, and the stream is closed.';
      finish('source.close()', 'no reconnect from here on');
    });
  }

  async function send(url, n) {
    const run = source;
    const accepted = n <= STEPS.length
      ? await publish(url, JSON.stringify({ n, of: STEPS.length, step: STEPS[n - 1] }), output)
      : await publish(`${url}?type=end`, 'that was all', output);
    if (source !== run) {
      return; // stopped meanwhile, or the end was heard
    }
    if (!accepted) {
      finish('source.close()', 'a publish was refused');
    } else if (n <= STEPS.length) {
      timer = setTimeout(() => send(url, n + 1), PAUSE_MILLIS);
    }
  }

  function refuse() {
    begin(REFUSED_URL);
    part('.stream-id').textContent = 'refused on purpose';
    latest.textContent = 'A stream without a topic: see what onerror is told.';
  }

  function begin(url) {
    finish();
    begun = performance.now();
    latest.textContent = '';
    output.replaceChildren();
    slots.forEach(each => { each.dataset.heard = false; });
    source = new EventSource(url);
    log('new EventSource', url);
    source.onerror = () => {
      const gaveUp = source.readyState === EventSource.CLOSED;
      log('onerror', gaveUp ? 'an answer other than 200: the browser gives up for good' : 'connection lost: the browser tries again', '', 'close');
      if (gaveUp) {
        finish();
      }
    };
  }

  function finish(call, why) {
    clearTimeout(timer);
    if (source === null) {
      return;
    }
    source.close();
    if (call !== undefined) {
      log(call, why);
    }
    showState(part('.state'), 'closed', 0);
    source = null;
    start.disabled = false;
    stop.disabled = true;
  }

  function log(type, text, id = '', kind = 'event') {
    const state = READY_STATES[source.readyState];
    const seconds = ((performance.now() - begun) / 1000).toFixed(2);
    timeline.add({ kind, time: `+${seconds} s`, type, id: id === '' ? state : `${state} ${id}`, text });
    showState(part('.state'), state.toLowerCase(), 0);
  }

  return { enter() {}, leave: () => finish('source.close()', 'another demo is in view') };
}

function slot(n, step) {
  const item = document.createElement('li');
  item.textContent = n;
  item.title = step;
  return item;
}

/** 64 random bits; `crypto.randomUUID` would need https. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), byte => byte.toString(16).padStart(2, '0')).join('');
}

function snippets() {
  return [
    { title: 'Listen until the end, in a page', language: 'js', text: `const url = \`${topicPath('streams')}/\${id}\`;
const source = new EventSource(url);
source.onopen = () => console.log('open');
source.onmessage = event => {
  const message = JSON.parse(event.data);
  console.log(message.n, 'of', message.of);
};
// 0: it tries again; 2: it gave up
source.onerror = () =>
  console.log('error', source.readyState);
source.addEventListener('end', () =>
  source.close());` },
    { title: 'Send ten and the end, in a page', language: 'js', text: `for (let n = 1; n <= 10; n++) {
  await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ n, of: 10 }),
  });
  await new Promise(next =>
    setTimeout(next, 1000));
}
await fetch(\`\${url}?type=end\`,
  { method: 'POST' });` },
    { title: 'The end, in a shell', language: 'sh', text: `curl -d '' '${location.origin}${topicPath('streams')}/ID?type=end'` },
  ];
}
