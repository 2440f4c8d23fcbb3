// Demo: notifications, each user's at an address of their own.
import { jsString, shellWord, showCode } from './code.js';
import { Feed } from './feed.js';
import { topicPath } from './hub.js';
import { publish } from './publish.js';
import { Stream } from './stream.js';

const APP = 'demo';

export function notify(section) {
  const users = Array.from(section.querySelectorAll('.user'), card => {
    const feed = new Feed(card.querySelector('.feed'));
    const hear = { event: line => feed.add(line), note: line => feed.add(line) };
    return { topic: topic(card.dataset.user), stream: new Stream(card.querySelector('.state'), hear) };
  });
  const form = section.querySelector('form');

  form.addEventListener('submit', event => {
    event.preventDefault();
    publish(address(form.elements.user.value), form.elements.text.value, form.querySelector('output'));
    form.elements.text.select();
  });
  form.addEventListener('input', () => explain(section, form));
  explain(section, form);

  users.forEach(each => each.stream.open([each.topic]));
  const close = () => users.forEach(({ stream }) => stream.close());
  return { enter: () => users.forEach(({ stream }) => stream.resume()), leave: close, rest: close };
}

function topic(user) {
  return `apps/${APP}/users/${user}`;
}

function address(user) {
  return topicPath(topic(user));
}

function explain(section, form) {
  const url = address(form.elements.user.value);
  showCode(section.querySelector('.code'), [
    { title: 'Listen, in the user’s page', language: 'js', text: `const source = new EventSource(
  '${url}');
source.onmessage = event => showToast(event.data);` },
    { title: 'Send, in a page', language: 'js', text: `await fetch('${url}',
  { method: 'POST',
    body: ${jsString(form.elements.text.value)} });` },
    { title: 'Send, in a shell', language: 'sh', text: `curl --data-raw ${shellWord(form.elements.text.value)} ${location.origin}${url}` },
    { title: 'Other URLs for it, in application.yaml', language: 'sh', text: `# such as those of a front end that exists
routes:
  - topic: apps/{appId}/users/{userId}
    subscribe: /api/notifications/subscribe/{appId}/{userId}
    publish: /api/notifications/send/{appId}/{userId}` },
  ]);
}
