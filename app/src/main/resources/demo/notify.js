// Demo: notifications that reach one user and nobody else.
import { jsString, shellWord, showCode } from './code.js';
import { Feed } from './feed.js';
import { publish } from './publish.js';
import { Stream } from './stream.js';

const APP = 'demo';

export function notify(section) {
  const users = Array.from(section.querySelectorAll('.user'), card => {
    const feed = new Feed(card.querySelector('.feed'));
    const hear = { event: line => feed.add(line), note: line => feed.add(line) };
    return { url: `/api/notifications/subscribe/${APP}/${card.dataset.user}`, stream: new Stream(card.querySelector('.state'), hear) };
  });
  const form = section.querySelector('form');

  form.addEventListener('submit', event => {
    event.preventDefault();
    publish(sendUrl(form), form.elements.text.value, form.querySelector('output'));
    form.elements.text.select();
  });
  form.addEventListener('input', () => explain(section, form));
  explain(section, form);

  users.forEach(({ url, stream }) => stream.open(url));
  return {
    enter: () => users.forEach(({ stream }) => stream.resume()),
    leave: () => users.forEach(({ stream }) => stream.close()),
  };
}

function sendUrl(form) {
  return `/api/notifications/send/${APP}/${form.elements.user.value}`;
}

function explain(section, form) {
  const user = form.elements.user.value;
  showCode(section.querySelector('.code'), [
    { title: 'Listen, in the user’s page', language: 'js', text: `const source = new EventSource(
  '/api/notifications/subscribe/${APP}/${user}');
source.onmessage = event => showToast(event.data);` },
    { title: 'Send, in a page', language: 'js', text: `await fetch('${sendUrl(form)}',
  { method: 'POST',
    body: ${jsString(form.elements.text.value)} });` },
    { title: 'Send, in a shell', language: 'sh', text: `curl --data-raw ${shellWord(form.elements.text.value)} \\
  ${location.origin}${sendUrl(form)}` },
    { title: 'The routes, in application.yaml', language: 'sh', text: `# other people’s URLs, mapped to topics
routes:
  - topic: apps/{appId}/users/{userId}
    subscribe:
      /api/notifications/subscribe/{appId}/{userId}
    publish:
      /api/notifications/send/{appId}/{userId}` },
  ]);
}
