// A publish, and the hub's answer to it in words.
import { SLOW_MILLIS, SLOW_WORDS } from './stream.js';
import { plural } from './words.js';

const DURABILITY = { fsync: 'on disk', write: 'handed to the operating system', memory: 'in memory' };

/** Posts `data` as it is and shows the answer; true when the hub accepted it. */
export async function publish(url, data, output) {
  let answer;
  let body;
  const slow = setTimeout(() => show(output, false, '', SLOW_WORDS), SLOW_MILLIS);
  try {
    answer = await fetch(url, { method: 'POST', body: data, headers: { 'Content-Type': 'text/plain;charset=UTF-8' } });
    body = await answer.json();
  } catch {
    const why = answer === undefined ? 'The hub did not answer; is it running?' : `The hub answered ${answer.status} without a body to read.`;
    show(output, false, '', why);
    return false;
  } finally {
    clearTimeout(slow);
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

function show(output, good, status, words) {
  const code = document.createElement('b');
  code.textContent = status;
  output.dataset.good = good;
  output.replaceChildren(code, words);
}
