// Shows the notifications of whoever is logged in. An EventSource sends no headers, so a ticket stands in its address. A ticket is good for
// one stream: after each end the page asks for a new one, and goes on after the last id that it was given.
const FIRST = 'last=20'; // what is shown of earlier ones
const SILENCE_MILLIS = 40_000; // application.yaml has the hub say `ping` every 15 s
const FIRST_PAUSE_MILLIS = 500;
const SHORT_PAUSE_MILLIS = 1000; // not worth a word: tokens end every few minutes
const LONGEST_PAUSE_MILLIS = 30_000;
const ANSWER_MILLIS = 10_000;
const SHOWN_MAX = 200;

const REASONS = {
  'token-expired': 'the token has run out',
  revoked: 'your access was withdrawn',
  draining: 'the hub is being restarted',
  overloaded: 'the hub is full',
};

const part = id => document.getElementById(id);
let me = null; // {user, hub, users}
let source = null;
let lastId = '';
let failures = 0;
let cutBy = '';
let wait = 0;
let silence = 0;
let run = 0; // what was asked for in an earlier one has come too late

/** Until it is logged out, or somebody says that it is over. */
async function listen() {
  const mine = run;
  state('connecting', 'Connecting');
  let answer;
  let ticket;
  try {
    answer = await post('/ticket');
    ticket = (await answer.json()).ticket;
  } catch {
    answer = null;
  }
  if (mine !== run) {
    return;
  }
  switch (answer?.status) {
    case 200: open(ticket); break;
    case 401: leave('You are not logged in any more.'); break;
    case 403: stop('You are let in no more, and this page has stopped asking.'); break;
    case undefined: again('the application’s server is away'); break;
    default: again('the hub is away');
  }
}

function open(ticket) {
  const from = lastId === '' ? FIRST : `lastEventId=${encodeURIComponent(lastId)}`;
  source = new EventSource(`${me.hub}/topics/users/${encodeURIComponent(me.user)}/**?ticket=${ticket}&${from}`);
  watch();
  hear('message', event => show(JSON.parse(event.data)));
  hear('hark.open', () => {
    if (failures > 0) {
      note(`Cut off: ${cutBy}; back again.`);
    }
    failures = 0;
    state('open', 'Listening');
    part('why').hidden = true;
  });
  hear('hark.gap', event => note(`Some notifications are missing here (${JSON.parse(event.data).reason}).`));
  hear('hark.close', event => {
    const { reason } = JSON.parse(event.data);
    if (reason === 'ended') {
      stop('There will be no more notifications.');
    } else {
      again(REASONS[reason] ?? `the hub says ${reason}`);
    }
  });
  hear('hark.position');
  hear('ping');
  // By itself the browser would come back with the ticket that is used up.
  source.onerror = () => again('the connection was lost');
}

/** Every event has the position of the stream with it, also those of the hub itself. */
function hear(type, act = () => {}) {
  source.addEventListener(type, event => {
    watch();
    lastId = event.lastEventId;
    act(event);
  });
}

function watch() {
  clearTimeout(silence);
  silence = setTimeout(() => again('nothing was heard for a while'), SILENCE_MILLIS);
}

/** Cut off: says why, and asks for a new ticket after a pause, which differs from page to page and grows while that is in vain. */
function again(why) {
  close();
  if (failures === 0) {
    cutBy = why;
    note(`Cut off: ${why}.`);
  }
  const pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** failures) * (0.5 + Math.random() / 2);
  failures++;
  state('connecting', 'Cut off');
  if (pause > SHORT_PAUSE_MILLIS) {
    say(part('why'), `Cut off: ${why}. Trying again in ${Math.round(pause / 1000)} s.`);
  }
  wait = setTimeout(listen, pause);
}

function stop(why) {
  close();
  state('closed', 'Cut off');
  say(part('why'), why);
}

function close() {
  run++;
  clearTimeout(wait);
  clearTimeout(silence);
  source?.close();
  source = null;
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
  lastId = '';
  failures = 0;
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
