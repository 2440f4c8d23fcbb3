// A publish, and the hub's answer to it in words.
import { hubPath } from './hub.js';
import { SLOW_MILLIS, SLOW_WORDS } from './stream.js';
import { plural } from './words.js';

const DURABILITY = { fsync: 'on disk', write: 'handed to the operating system', memory: 'in memory' };

/** Posts `data` as it is and shows the answer; true when the hub accepted it. */
export function publish(url, data, output) {
  return ask(url, { method: 'POST', body: data, headers: { 'Content-Type': 'text/plain;charset=UTF-8' } }, output, inWords);
}

/** Posts all of `events` at once, each as `{topic, data}`, and shows an answer only where the hub refused; true when it did not. */
export function publishMany(events, output) {
  const body = events.map(event => `${JSON.stringify(event)}\n`).join('');
  return ask(hubPath('events'), { method: 'POST', body, headers: { 'Content-Type': 'application/x-ndjson' } }, output, null);
}

/** Has the hub forget the newest event of a topic and shows the answer; true when it did. */
export function forget(url, output) {
  return ask(url, { method: 'DELETE' }, output, body => `${inWords(body)}, deleted`);
}

async function ask(url, request, output, words) {
  let answer;
  let body;
  const slow = setTimeout(() => show(output, false, '', SLOW_WORDS), SLOW_MILLIS);
  try {
    answer = await fetch(url, request);
    body = await answer.json();
  } catch {
    const why = answer === undefined ? 'The hub did not answer; is it running?' : `The hub answered ${answer.status} without a body to read.`;
    show(output, false, '', why);
    return false;
  } finally {
    clearTimeout(slow);
  }
  if (!answer.ok) {
    const wait = answer.headers.get('Retry-After');
    show(output, false, answer.status, `${body.title}: ${body.detail}${wait === null ? '' : ` Try again in ${wait} s.`}`);
  } else if (words !== null) {
    show(output, true, answer.status, words(body));
  }
  return answer.ok;
}

function inWords(body) {
  const where = DURABILITY[body.durability] ?? body.durability;
  return `${body.id} on ${body.topic}, ${where}; ${plural(body.subscribers, 'stream')} matched`;
}

/** Says why nothing was sent. */
export function refuse(output, why) {
  show(output, false, '', why);
}

function show(output, good, status, words) {
  const code = document.createElement('b');
  code.textContent = status;
  output.dataset.good = good;
  output.replaceChildren(code, words);
}
