// Shows each user their own notifications. The hub's client comes from the hub itself.
const part = id => document.getElementById(id);
let hub = null;

/** Who is logged in, and where the hub is. */
const me = async () => (await fetch('/me')).json();

/** Asked for whenever the connection needs one: at first, before one ends, and where one is refused. */
async function token() {
  const answer = await fetch('/token');
  if (answer.status === 401) {
    show(null);
  }
  if (!answer.ok) {
    throw new Error(`the service answered ${answer.status}`);
  }
  return answer.text();
}

async function listen({ user, hub: url }) {
  const { connect } = await import(`${url}/client/hark.js`);
  hub = connect(url, { token, onState });
  hub.subscribe(`users/${user}/**`, event => add(event.data.text, event.time), {
    last: 20, // what came while the page was not open
    onGap: gap => add(`Some notifications are missing here (${gap.reason}).`).className = 'note',
    onError: refused => add(`The hub refuses: ${refused.detail}.`).className = 'note',
  });
}

function onState({ state, reason, retryMillis }) {
  part('state').className = state;
  part('state').textContent = {
    open: 'Listening',
    waiting: `Cut off (${reason}), again in ${Math.ceil(retryMillis / 1000)} s`,
  }[state] ?? 'Connecting';
}

function add(text, time = Date.now()) {
  const item = document.createElement('li');
  const when = document.createElement('time');
  when.textContent = new Date(time).toLocaleTimeString();
  item.append(text, when);
  part('feed').prepend(item);
  return item;
}

function show(user) {
  hub?.close();
  hub = null;
  part('login').hidden = user !== null;
  part('inside').hidden = part('state').hidden = user === null;
  part('user').textContent = user;
  part('feed').replaceChildren();
}

async function enter() {
  const known = await me();
  show(known.user);
  if (known.user) {
    await listen(known);
  }
}

part('login').addEventListener('click', async ({ target: { value } }) => {
  if (value) {
    const headers = { 'Content-Type': 'application/json' };
    await fetch('/login', { method: 'POST', headers, body: JSON.stringify({ user: value }) });
    await enter();
  }
});

await enter();
