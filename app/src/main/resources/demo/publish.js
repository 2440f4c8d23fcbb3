// A publish, and the hub's answer to it in words.
import { plural } from './words.js';

const DURABILITY = { fsync: 'on disk', write: 'handed to the operating system', memory: 'in memory' };

/** Posts `data` as it is and shows the answer; true when the hub accepted it. */
export async function publish(url, data, output) {
  let answer;
  let body;
  try {
    answer = await fetch(url, { method: 'POST', body: data, headers: { 'Content-Type': 'text/plain;charset=UTF-8' } });
    body = await answer.json();
  } catch {
    const why = answer === undefined ? 'The hub did not answer; is it running?' : `The hub answered ${answer.status} without a body to read.`;
    show(output, false, '', why);
    return false;
  }
  if (answer.ok) {
    const where = DURABILITY[body.durability] ?? body.durability;
    show(output, true, answer.status, `${body.id} on ${body.topic}, ${where}; ${plural(body.subscribers, 'stream')} matched`);
  } else {
    const wait = answer.headers.get('Retry-After');
    show(output, false, answer.status, `${body.title}: ${body.detail}${wait === null ? '' : ` Try again in ${wait} s.`}`);
  }
  return answer.ok;
}

/** Says why nothing was sent. */
export function refuse(output, why) {
  show(output, false, '', why);
}

/** The path of a topic, or null where a URL cannot say it: browsers resolve the segments `.` and `..` before they send. */
export function topicPath(topic) {
  const segments = topic.split('/');
  return segments.some(segment => segment === '.' || segment === '..') ? null : `/topics/${segments.map(encodeURIComponent).join('/')}`;
}

function show(output, good, status, words) {
  const code = document.createElement('b');
  code.textContent = status;
  output.dataset.good = good;
  output.replaceChildren(code, words);
}
