// Shows the notifications of whoever is logged in. The page never has a token: for each stream it asks the backend for a ticket, and the
// client goes on after the last id that it was given.
import { connect } from './hark.js';

const FIRST = 20; // what is shown of earlier ones
const SHORT_PAUSE_MILLIS = 1000; // not worth a word: tokens end every few minutes
const ANSWER_MILLIS = 10_000;
const SHOWN_MAX = 200;

const REASONS = {
  'token-expired': 'the token has run out',
  revoked: 'your access was withdrawn',
  draining: 'the hub is being restarted',
  overloaded: 'the hub is full',
  silent: 'nothing was heard for a while',
};

const part = id => document.getElementById(id);
let me = null; // {user, hub, users}
let hub = null;
let cutBy = '';

/** Until it is logged out, or somebody says that it is over. */
function listen() {
  hub = connect(me.hub, { ticket, onState });
  hub.subscribe(`users/${me.user}/**`, event => show(event.data), {
    last: FIRST,
    onGap: gap => note(`Some notifications are missing here (${gap.reason}).`),
    onEnd: () => stop('There will be no more notifications.'),
    onError: refused => stop(`You are let in no more: ${refused.detail}.`),
  });
}

/** A ticket, or why there is none. Who is let in no more need not ask again. */
async function ticket() {
  const answer = await post('/ticket').catch(() => null);
  switch (answer?.status) {
    case 200: return (await answer.json()).ticket;
    case 401: leave('You are not logged in any more.'); break;
    case 403: stop('You are let in no more, and this page has stopped asking.'); break;
    case undefined: throw new Error('the application’s server is away');
  }
  throw new Error('the hub is away');
}

function onState({ state: now, reason, retryMillis, error }) {
  if (now === 'closed') {
    return; // by this page, which has said why
  }
  if (now === 'open') {
    if (cutBy !== '') {
      note(`Cut off: ${cutBy}; back again.`);
      cutBy = '';
    }
    state('open', 'Listening');
    part('why').hidden = true;
  } else if (now === 'connecting' && cutBy === '' && reason === undefined) {
    state('connecting', 'Connecting');
  } else if (reason !== undefined && reason !== 'ended') {
    const why = REASONS[reason] ?? (reason === 'token' ? error.detail : 'the connection was lost');
    if (cutBy === '') {
      cutBy = why;
      note(`Cut off: ${why}.`);
    }
    state('connecting', 'Cut off');
    if (retryMillis > SHORT_PAUSE_MILLIS) {
      say(part('why'), `Cut off: ${why}. Trying again in ${Math.round(retryMillis / 1000)} s.`);
    }
  }
}

function stop(why) {
  close();
  state('closed', 'Cut off');
  say(part('why'), why);
}

function close() {
  hub?.close();
  hub = null;
  cutBy = '';
}

function show({ from, text, at }) {
  add(new Date(at), line('b', from), line('span', text));
}

/** What happened to the stream, in the place of an earlier such note where nothing came in between. */
function note(text) {
  const last = part('feed').lastElementChild;
  if (last?.className === 'note') {
    last.remove();
  }
  add(new Date(), line('i', text)).className = 'note';
}

function add(when, ...parts) {
  const feed = part('feed');
  const box = part('box');
  const follows = box.scrollHeight - box.scrollTop - box.clientHeight < 16;
  const item = document.createElement('li');
  item.append(...parts, line('time', when.toLocaleTimeString()));
  feed.append(item);
  if (feed.childElementCount > SHOWN_MAX) {
    feed.firstElementChild.remove();
  }
  if (follows) {
    box.scrollTop = box.scrollHeight;
  }
  return item;
}

function line(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}

function say(element, text) {
  element.textContent = text;
  element.hidden = text === '';
}

function state(name, text) {
  part('state').dataset.state = name;
  part('state').textContent = text;
}

function post(path, json = {}) {
  return fetch(path, { method: 'POST', body: JSON.stringify(json), signal: AbortSignal.timeout(ANSWER_MILLIS) });
}

/** Shows who is logged in, or the login. */
async function enter() {
  const answer = await fetch('/me').catch(() => null);
  if (answer?.status !== 200) {
    leave('The application’s server is away. Load this page again.');
    return;
  }
  me = await answer.json();
  if (me.user === null) {
    leave('');
    return;
  }
  close();
  part('feed').replaceChildren();
  part('sent').textContent = '';
  part('tried').textContent = '';
  const others = me.users.filter(user => user !== me.user);
  part('to').replaceChildren(...[...others, me.user].map(user => new Option(name(user), user)));
  part('name').textContent = name(me.user);
  part('other').textContent = name(others[0]);
  part('why').hidden = true;
  inside(true);
  listen();
}

function leave(why) {
  close();
  inside(false);
  say(part('login-why'), why);
}

function inside(logged) {
  part('inside').hidden = !logged;
  part('who').hidden = !logged;
  part('login').hidden = logged;
  part(logged ? 'feed-title' : 'login-title').focus();
}

function name(user) {
  return user[0].toUpperCase() + user.slice(1);
}

for (const button of part('login').querySelectorAll('[data-user]')) {
  button.addEventListener('click', async () => {
    await post('/login', { user: button.dataset.user }).catch(() => {});
    enter();
  });
}

part('logout').addEventListener('click', async () => {
  close();
  await post('/logout').catch(() => {});
  leave('');
});

part('send').addEventListener('submit', async event => {
  event.preventDefault();
  const { to, text } = event.target.elements;
  const answer = await post('/notify', { to: to.value, text: text.value }).catch(() => null);
  part('sent').dataset.good = answer?.ok ?? false;
  part('sent').textContent = answer?.ok ? `Sent to ${name(to.value)}.` : 'It was not sent.';
  text.select();
});

part('try').addEventListener('click', async () => {
  const said = part('tried');
  said.dataset.good = false;
  try {
    const { ticket, error } = await (await post('/ticket')).json();
    if (ticket === undefined) {
      said.textContent = `No ticket: ${error}.`;
      return;
    }
    const other = me.users.find(user => user !== me.user);
    const answer = await fetch(`${me.hub}/topics/users/${encodeURIComponent(other)}/**?ticket=${ticket}`);
    said.textContent = `${answer.status}: ${(await answer.json()).detail}`;
  } catch {
    said.textContent = 'There was no answer.';
  }
});

enter();
