import { useEffect, useState } from 'react';
import { useNotifications } from './useNotifications.js';

/** Who is logged in, and where the hub is. */
const fetchMe = async () => (await fetch('/me')).json();

export function App() {
  const [me, setMe] = useState(null);
  useEffect(() => {
    fetchMe().then(setMe);
  }, []);

  if (me === null) {
    return null;
  }
  if (me.user === null) {
    return <Login onLogin={() => fetchMe().then(setMe)} />;
  }
  return <Notifications user={me.user} url={me.hub} />;
}

function Login({ onLogin }) {
  const login = async user => {
    const headers = { 'Content-Type': 'application/json' };
    await fetch('/login', { method: 'POST', headers, body: JSON.stringify({ user }) });
    onLogin();
  };
  return (
    <>
      <header><h1>Notifications</h1></header>
      <main>
        <p>Who are you?</p>
        <p className="buttons">
          <button onClick={() => login('alice')}>Alice</button>
          <button onClick={() => login('bob')}>Bob</button>
        </p>
      </main>
    </>
  );
}

function Notifications({ user, url }) {
  const { status, items } = useNotifications(user, url);
  return (
    <>
      <header>
        <h1>Notifications</h1>
        <p id="state" className={status.state} role="status">{describe(status)}</p>
      </header>
      <main>
        <p className="soft">For <b>{user}</b></p>
        <ol id="feed" role="log">
          {items.map(({ id, text, time, isNote }) => (
            <li key={id} className={isNote ? 'note' : undefined}>{text}<time>{new Date(time).toLocaleTimeString()}</time></li>
          ))}
        </ol>
      </main>
    </>
  );
}

function describe({ state, reason, retryMillis }) {
  switch (state) {
    case 'open': return 'Listening';
    case 'waiting': return `Cut off (${reason}), again in ${Math.ceil(retryMillis / 1000)} s`;
    default: return 'Connecting';
  }
}
