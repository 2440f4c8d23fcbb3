import { connect } from 'hark-client';
import { useEffect, useState } from 'react';

/** Asked for whenever the connection needs one: at first, before one ends, and where one is refused. */
async function token() {
  const answer = await fetch('/token');
  if (!answer.ok) {
    throw new Error(`the service answered ${answer.status}`);
  }
  return answer.text();
}

/** What `user` is told by the hub at `url`, the newest first, and how the connection is. */
export function useNotifications(user, url) {
  const [status, setStatus] = useState({ state: 'idle' });
  const [items, setItems] = useState([]);

  useEffect(() => {
    const add = item => setItems(before => [item, ...before]);
    const note = text => add({ id: crypto.randomUUID(), text, time: Date.now(), isNote: true });
    setItems([]);
    const hub = connect(url, { token, onState: setStatus });
    hub.subscribe(`users/${user}/**`, ({ id, time, data }) => add({ id, text: data.text, time }), {
      last: 20, // what came while the page was not open
      onGap: gap => note(`Some notifications are missing here (${gap.reason}).`),
      onError: refused => note(`The hub refuses: ${refused.detail}.`),
    });
    return () => hub.close();
  }, [user, url]);

  return { status, items };
}
