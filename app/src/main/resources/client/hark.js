// Hark's client for browsers: many subscriptions over one connection. How it is used is in docs/clients.md, its types are in hark.d.ts, and
// why it is made so in docs/decisions/0069-browser-client.md. The module is also the script of the worker that tabs share.

const FILTERS_MAX = 100; // of one stream; the hub takes no more
const PAGE_EVENTS = 500;
const CAUGHT_UP = 100; // who is given fewer at once is near enough to the newest to go on by stream
const RETRY_MILLIS = 2000;
const LONGEST_RETRY_MILLIS = 30_000;
const FIRST_BYTE_MILLIS = 10_000; // a hub that is asked for a stream says something at once, unless it has to look for the start
const SILENCE_MILLIS = 40_000; // and again every 15 s, unless its `delivery.heartbeat` is another
const LOOK_MILLIS = 2000;
const SETTLE_MILLIS = 100; // the shortest life of a connection, so that changes in quick succession do not starve it
const LEAVE_MILLIS = 1000; // what nobody wants any more may come for so long
const POLL_WAIT = '20s';
const ANSWER_MILLIS = 20_000; // for a token
const SHORT_LIFE_MILLIS = 5000; // a token that is over so soon is not renewed ahead of time
const RENEW_MILLIS = 30_000;
const HIDDEN_MILLIS = 2000;
const TIMER_MAX = 2147483647;
const DELETED = 'hark.deleted';
const WORKER = /^hark 2 /; // the number changes with what tabs and worker say to each other

/** Whether the topic filter `filter` matches `topic`, as the hub has it. */
export function matches(filter, topic) {
  const wanted = filter.split('/');
  const given = topic.split('/');
  const last = wanted.length - 1;
  const rest = wanted[last] === '**';
  return (rest ? given.length > last : given.length === last + 1)
    && wanted.every((segment, i) => segment === '*' || segment === given[i] || (rest && i === last));
}

const parts = id => /^(\w+)-(\d+)(?:\.(\d+))?$/.exec(id) ?? [id, id];
const inSnapshot = id => id.includes('.');
const isLookedFor = ({ since, last }) => last || !/^[a-z]|-/.test(since);

/** Whether `a` is an earlier position than `b`. Within a snapshot all are before its own; those of two logs are each news to the other. */
function before(a, b) {
  const [, epoch, sequence, item = Infinity] = parts(a);
  const [, otherEpoch, otherSequence, otherItem = Infinity] = parts(b);
  return epoch !== otherEpoch || (sequence - otherSequence || item - otherItem) < 0;
}

/** Yields `{type, id, data, retry}` for each block of a stream; `heard` is called for whatever comes, comments included. */
async function* blocks(body, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let block = {};
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return; // what no empty line has closed was cut off
    }
    heard();
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const [, name, text] = /^(\w+): (.*?)\r?$/s.exec(line) ?? [];
      if (name === 'event') {
        block.type = text;
      } else if (name === 'data') {
        block.data = block.data === undefined ? text : `${block.data}\n${text}`;
      } else if (name) {
        block[name] = text;
      } else if (/^\r?$/.test(line)) {
        yield block;
        block = {};
      }
    }
  }
}

/** When a JWT ends, in milliseconds; NaN where it does not say. Nothing is checked: that is for the hub. */
function expiry(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).exp * 1000;
  } catch {
    return NaN;
  }
}

/** Runs what a page wants done; its mistakes are its own. */
function call(act, ...values) {
  try {
    act?.(...values);
  } catch (e) {
    (globalThis.reportError ?? console.error)(e);
  }
}

/** Rejects where `promise` takes longer. */
const within = (millis, promise) => Promise.race([
  promise, new Promise((_, no) => { setTimeout(no, millis, new Error('there was no answer')); }),
]);

const filtersOf = subscriptions => new Set([...subscriptions].map(({ filter }) => filter));

/** One connection for all subscriptions. Each knows behind which position it goes on, so any change is a new request from the earliest. */
class Core {
  status;
  #setup;
  #ask;
  #tell;
  #subscriptions = new Set();
  #line = null;
  #token;
  #epoch = '';
  #failures = 0;
  #retryMillis = RETRY_MILLIS;
  #polls = false;
  #mute = 0;
  #running = false;
  #paused = false;
  #changes = () => {};
  #rouse = () => {};
  #roused;

  /** `ask` gives a token or ticket, `tell` is told of each state; `setup` is `{url, kind, renews, credentials}`. */
  constructor(setup, ask, tell) {
    this.#setup = setup;
    this.#ask = ask;
    this.#tell = tell;
    this.#wake();
    globalThis.addEventListener?.('online', this.#wake);
  }

  /** `{filter, since, last, position, hear(kind, value)}`, until it is removed, has ended or is refused. */
  add(subscription) {
    const { position: at, since } = subscription;
    Object.assign(subscription, { at, joining: false, snapshot: !at && since === 'current' });
    this.#subscriptions.add(subscription);
    if (filtersOf(this.#subscriptions).size > FILTERS_MAX) {
      this.#drop(subscription, 'error', { status: 400, detail: `one connection has at most ${FILTERS_MAX} filters` });
    } else if (this.#line) {
      this.#join(subscription);
    }
    this.#changed();
  }

  remove(subscription) {
    this.#subscriptions.delete(subscription);
    this.#changed(LEAVE_MILLIS);
  }

  pause(paused) {
    if (this.#paused !== paused) {
      this.#paused = paused;
      this.#stop(this.#line);
      this.#wake();
      this.#changed();
    }
  }

  close() {
    this.#subscriptions.clear();
    this.#changed();
    globalThis.removeEventListener?.('online', this.#wake);
  }

  #wake = () => {
    this.#rouse();
    this.#roused = new Promise(next => { this.#rouse = next; });
  };

  /** Until the time is over, the browser is online again, or nobody waits any more. */
  #sleep(millis) {
    return Promise.race([this.#roused, new Promise(next => { setTimeout(next, Math.min(millis, TIMER_MAX)); })]);
  }

  /** Something was added, removed or is ready: looked at once for all that happens in a short time. */
  #changed(millis = SETTLE_MILLIS) {
    const line = this.#line;
    if (this.#subscriptions.size === 0) {
      this.#stop(line);
      this.#wake();
    } else if (line?.opened) {
      setTimeout(() => this.#isStale(line) && this.#stop(line), millis);
    }
    this.#changes();
    this.#run();
  }

  /** Whether others are to be heard than were asked for. */
  #isStale({ filters, subscriptions }) {
    const wanted = filtersOf(this.#subscriptions);
    return [...filters].some(filter => !wanted.has(filter))
      || [...this.#subscriptions].some(each => !each.joining && !subscriptions.has(each));
  }

  #stop(line, why = 'changed') {
    if (line) {
      line.why ||= why;
      line.abort.abort();
    }
  }

  async #run() {
    if (this.#running) {
      return;
    }
    this.#running = true;
    await null; // what is subscribed at the same time is asked for together
    while (this.#subscriptions.size > 0 && !this.#paused) {
      const ready = this.#ready();
      if (ready.length > 0) {
        await this.#sleep(await this.#listen(ready));
      } else {
        await new Promise(next => { this.#changes = next; });
      }
    }
    this.#running = false;
    this.#state(this.#paused ? 'paused' : 'idle');
  }

  /** Who can be heard over one connection; the others are brought to a position first. */
  #ready() {
    const all = [...this.#subscriptions];
    const [{ at, since }] = all;
    // The hub takes `last` of what matches any of the filters, so each asks for its own.
    if (all.every(each => !each.joining && each.at === at && (at || all.length === 1 || (each.since === since && !each.last)))) {
      return all;
    }
    // A position within a snapshot says nothing about what others are after.
    const isReady = ({ at, joining }) => at && !joining && !inSnapshot(at);
    all.filter(each => !isReady(each)).forEach(each => this.#join(each));
    return all.filter(isReady);
  }

  /** Reads pages until little is missing up to the newest event: from there a stream goes on. */
  async #join(each) {
    if (each.joining) {
      return;
    }
    each.joining = true;
    for (let more = true, failures = 0; more;) {
      try {
        while (this.#paused) {
          await this.#roused;
        }
        const limit = each.at || each.since !== 'latest' ? PAGE_EVENTS : 1;
        const { gap, events, next } = await this.#page([each], each.at, { limit }, AbortSignal.timeout(SILENCE_MILLIS));
        if (gap) {
          this.#hear(each, 'gap', { ...gap, snapshot: gap.resumedAt.endsWith('.0') });
        }
        events.forEach(event => this.#event(each, event));
        this.#reach(each, next);
        more = inSnapshot(next) || events.length >= CAUGHT_UP;
        failures = 0;
      } catch (e) {
        if (this.#isFinal(e)) {
          this.#drop(each, 'error', e);
        } else {
          await this.#sleep(this.#waitMillis(++failures, e));
        }
      }
      if (!this.#subscriptions.has(each)) {
        return;
      }
    }
    each.joining = false;
    const line = this.#line;
    if (line?.opened && line.filters.has(each.filter) && !before(each.at, line.at)) {
      line.subscriptions.add(each);
    }
    this.#changed();
  }

  /** Hears `ready` until something ends it; the milliseconds to wait before the next time. */
  async #listen(ready) {
    const ids = ready.map(({ at }) => at);
    // What is of another log than the newest that we know has to be told so.
    const from = ids.find(id => parts(id)[1] !== this.#epoch) ?? ids.reduce((first, id) => (before(id, first) ? id : first));
    const silence = !from && isLookedFor(ready[0]) ? SILENCE_MILLIS : FIRST_BYTE_MILLIS;
    const line = this.#line = {
      subscriptions: new Set(ready), filters: filtersOf(ready),
      at: from, abort: new AbortController(), why: '', reason: '', opened: false, heard: false, heardAt: NaN,
    };
    const look = setInterval(() => {
      // Somebody may set the clock back.
      if (Math.abs(Date.now() - line.heardAt) > (line.heard ? SILENCE_MILLIS : silence)) {
        this.#stop(line, 'silent');
      }
    }, LOOK_MILLIS);
    let error;
    this.#state('connecting');
    try {
      await (this.#polls ? this.#poll(line) : this.#stream(line));
    } catch (e) {
      error = e;
    }
    line.abort.abort();
    clearInterval(look);
    clearTimeout(line.renewal);
    this.#line = null;
    if (line.at !== from) { // where an attempt began that came to nothing is no news to anybody
      line.subscriptions.forEach(each => this.#reach(each, line.at));
    }
    return line.why === 'changed' ? 0 : this.#after(line, error);
  }

  /** What becomes of a connection that has ended. */
  #after({ subscriptions, why, reason, opened, heard }, error) {
    const isOver = ['ended', 'token-expired', 'revoked'].includes(reason);
    if (isOver) {
      this.#token = undefined;
    }
    this.#failures += opened && !error?.status ? 0 : 1;
    const left = [...subscriptions].filter(each => this.#subscriptions.has(each));
    if (this.#subscriptions.size === 0) {
      return 0;
    }
    if (this.#isFinal(error)) {
      // Whom it is about shows when each asks for itself; where all may, they are too much together, by the newest of them.
      if (left.length === 1 || left.some(({ sifted }) => sifted)) {
        this.#drop(left.at(-1), 'error', error);
      } else {
        left.forEach(each => {
          each.sifted = true;
          this.#join(each);
        });
      }
      return 0;
    }
    if (this.#polls) {
      this.#polls = !error; // streams are tried again when pages do not come through either
    } else if (why && !heard) {
      this.#polls = ++this.#mute > 1;
    }
    const retryMillis = this.#polls || (opened && (isOver || why)) ? 0 : this.#waitMillis(this.#failures, error, reason);
    this.#state(retryMillis ? 'waiting' : 'connecting', {
      reason: reason || why || error?.reason || 'lost', retryMillis,
      ...error && !why && { error: { status: error.status ?? 0, detail: error.message } },
    });
    return retryMillis;
  }

  /** Later after each failure, and never all at once; the hub has spread already what it says with a reason. */
  #waitMillis(failures, error, reason) {
    const grown = Math.min(LONGEST_RETRY_MILLIS, this.#retryMillis * 2 ** (failures - 1));
    return Math.max(this.#retryMillis, grown, error?.retryMillis ?? 0) * (reason ? 1 : 1 + Math.random() / 4);
  }

  async #stream(line) {
    const heard = () => { line.heardAt = Date.now(); };
    const { status, body } = await this.#request(this.#query(line.subscriptions, line.at), 'text/event-stream', line.abort.signal, heard);
    if (status === 204) {
      this.#stop(line);
      line.subscriptions.forEach(each => this.#drop(each, 'end'));
      return;
    }
    for await (const block of blocks(body, () => { line.heard = true; heard(); })) {
      this.#take(line, block);
    }
  }

  async #poll(line) {
    while (line.subscriptions.size) {
      const from = line.at;
      line.heard = true;
      line.heardAt = Date.now();
      const more = { limit: PAGE_EVENTS, ...from && { wait: POLL_WAIT } };
      const { gap, events, next } = await this.#page(line.subscriptions, from, more, line.abort.signal);
      this.#opened(line);
      if (gap) {
        this.#gap(line, gap);
      }
      events.forEach(event => this.#dispatch(line, event, each => each.at === from || before(each.at, event.id)));
      line.subscriptions.forEach(each => {
        if (each.at === from) {
          this.#reach(each, next);
        }
      });
      line.at = next;
    }
  }

  /** One block of a stream. What begins with `hark.` and is not known is passed over. */
  #take(line, { type = 'message', id, data, retry }) {
    if (id) {
      line.at = id;
      [, this.#epoch] = parts(id);
    }
    this.#retryMillis = +retry || this.#retryMillis;
    const value = data && JSON.parse(data);
    if (type === 'hark.open' || type === 'hark.position') {
      line.subscriptions.forEach(each => this.#reach(each, id));
      this.#opened(line);
    } else if (type === 'hark.gap') {
      this.#gap(line, value);
    } else if (type === 'hark.close') {
      line.reason = value.reason;
    } else if (value?.topic && (!type.startsWith('hark.') || type === DELETED)) {
      this.#dispatch(line, { id, type, ...value }, each => before(each.at, id));
    }
  }

  #opened(line) {
    if (!line.opened) {
      line.opened = true;
      this.#failures = 0;
      line.subscriptions.forEach(each => { each.sifted = false; });
      this.#mute = 0;
      this.#state('open');
      this.#changed();
      this.#renewAhead(line);
    }
  }

  /** Has a new token before the one of this connection ends, and changes over. */
  async #renewAhead(line) {
    const left = this.#setup.renews ? expiry(await this.#token) - Date.now() : 0;
    if (left > SHORT_LIFE_MILLIS && line === this.#line) {
      line.renewal = setTimeout(async () => {
        const next = this.#answer();
        try {
          await next;
          this.#token = next;
          this.#stop(line);
        } catch {
          // The hub says when it is over, and then it is told.
        }
      }, Math.min(Math.max(left * 0.9, left - RENEW_MILLIS), TIMER_MAX));
    }
  }

  #gap({ subscriptions }, gap) {
    const isLost = ['reset', 'unknown-id'].includes(gap.reason) || (gap.reason === 'retention' && gap.after);
    for (const each of subscriptions) {
      const snapshot = !!isLost && each.since === 'current';
      this.#hear(each, 'gap', { ...gap, snapshot });
      if (snapshot) {
        subscriptions.delete(each);
        each.at = '';
        each.snapshot = true;
        this.#join(each);
      }
    }
  }

  #dispatch({ subscriptions }, event, isNews) {
    for (const each of subscriptions) {
      if (isNews(each) && matches(each.filter, event.topic)) {
        this.#event(each, event);
      }
    }
  }

  #event(each, event) {
    this.#hear(each, event.type === DELETED ? 'deleted' : 'event', event);
  }

  /** It has all up to `id`. */
  #reach(each, id) {
    if (before(each.at, id)) {
      each.at = id;
    }
    if (!inSnapshot(id)) {
      this.#hear(each, each.snapshot ? 'current' : 'at', id);
      each.snapshot = false;
    }
  }

  #hear(each, kind, value) {
    if (this.#subscriptions.has(each)) {
      each.hear(kind, value);
    }
  }

  #drop(each, kind, { status, message, detail = message } = {}) {
    this.#hear(each, kind, { filter: each.filter, status, detail });
    this.#subscriptions.delete(each);
    this.#changed();
  }

  /** Whether it is the hub's own word, which asking again does not change. What stands in between may think better of it. */
  #isFinal({ problem, status } = {}) {
    return problem && status < 500 && ![408, 425, 429].includes(status) && !(status === 401 && this.#setup.renews);
  }

  #query(subscriptions, at, more) {
    const [{ since, last }] = subscriptions;
    const query = new URLSearchParams({ format: 'envelope', ...more });
    filtersOf(subscriptions).forEach(filter => query.append('topic', filter));
    if (at) {
      query.set('lastEventId', at);
    }
    if (!at && last) {
      query.set('last', last);
    } else if (!at || (inSnapshot(at) && since === 'current')) {
      query.set('since', since);
    }
    return query;
  }

  async #page(subscriptions, at, more, signal) {
    const answer = await this.#request(this.#query(subscriptions, at, more), 'application/json', signal);
    const page = await answer.json();
    [, this.#epoch] = parts(page.next);
    return page;
  }

  /** The answer, where it is one of a hub's; a token that is refused is renewed once. */
  async #request(query, type, signal, begins) {
    const { url, kind, renews, credentials } = this.#setup;
    for (let again = false; ; again = true) {
      const headers = { Accept: type };
      if (kind === 'ticket') {
        query.set(kind, await this.#answer()); // each is good for one request
      } else if (kind) {
        headers.Authorization = `Bearer ${await (this.#token ??= this.#answer())}`;
      }
      const token = this.#token;
      begins?.();
      const answer = await fetch(`${url}events?${query}`, { headers, signal, credentials, cache: 'no-store' });
      const { status } = answer;
      const is = kind => answer.headers.get('Content-Type')?.startsWith(kind);
      if (status === 204 || (status === 200 && is(type))) {
        return answer;
      }
      if (status === 401 && this.#token === token) {
        this.#token = undefined;
      }
      const { detail = `the answer was ${status}` } = await answer.json().catch(() => ({}));
      if (status !== 401 || !renews || again) {
        const wait = answer.headers.get('Retry-After');
        const retryMillis = wait * 1000 || Date.parse(wait) - Date.now() || 0;
        // A 200 of something else is of a network that wants a login first.
        throw Object.assign(new Error(detail), { reason: 'refused', status, problem: is('application/problem+json'), retryMillis });
      }
    }
  }

  /** What the page has for a token or a ticket. */
  async #answer() {
    try {
      return await within(ANSWER_MILLIS, this.#ask());
    } catch (e) {
      this.#token = undefined;
      throw Object.assign(new Error(e?.message ?? e), { reason: 'token' });
    }
  }

  #state(state, more) {
    this.status = { state, transport: this.#polls ? 'poll' : 'stream', ...more };
    this.#tell(this.status);
  }
}

/** Tabs and their worker hold locks while they are there: whoever gets one knows that its holder has gone. Returns what lets go of it. */
function hold(onHeld) {
  const lock = `hark ${Math.random()}`;
  let leave;
  const left = new Promise(next => { leave = next; });
  const held = async () => {
    onHeld(lock);
    await left;
  };
  navigator.locks?.request(lock, held) ?? held();
  return leave;
}

let policy; // a page may make one of a name

/** A core in a worker, over a port. The worker goes with the tab that began it where that crashes: `again` is called, for another. */
function coreOfTabs(setup, script, name, verbs, again, fail) {
  policy ??= globalThis.trustedTypes?.createPolicy('hark', { createScriptURL: id => id });
  const worker = new SharedWorker(policy?.createScriptURL(script) ?? script, { type: 'module', name: `hark 2 ${setup.url} ${name}` });
  let leave;
  // The worker is told nothing before it could notice the end of this tab.
  const held = new Promise(next => { leave = hold(next); });
  const say = (...message) => held.then(() => worker.port.postMessage(message));
  worker.onerror = fail;
  worker.port.onmessage = async ({ data: [verb, id, ...values] }) => {
    if (verb === 'ask') {
      say('answer', id, ...await verbs.ask().then(value => ['yes', value], e => ['no', String(e?.message ?? e)]));
    } else if (verb === 'lock') {
      navigator.locks?.request(id, () => {
        worker.port.close(); // what has not been heard comes from the other
        leave();
        again();
      });
    } else {
      verbs[verb](id, ...values);
    }
  };
  const close = () => {
    removeEventListener('pagehide', hide);
    say('close');
    leave();
  };
  // Where there are locks, the worker notices the end: what has said goodbye might still begin anew, with another worker.
  const hide = ({ persisted }) => persisted || navigator.locks || close();
  addEventListener('pagehide', hide);
  held.then(lock => worker.port.postMessage(['start', setup, lock]));
  return {
    add: ({ id, filter, since, last, position }) => say('add', id, { filter, since, last, position }),
    remove: ({ id }) => say('remove', id),
    pause: paused => say('pause', paused),
    close,
  };
}

/** The worker's side: one core for all tabs. */
function serveTabs() {
  const tabs = new Set();
  const waiting = new Map();
  let core;

  /** Of the first tab that has a token: one may be frozen, or logged out. */
  async function ask() {
    let failed;
    for (const tab of [...tabs]) {
      try {
        const id = Math.random();
        return await within(ANSWER_MILLIS / 4, new Promise((yes, no) => {
          waiting.set(id, { yes, no });
          tab.say('ask', id);
        }));
      } catch (e) {
        failed = e;
        tabs.delete(tab) && tabs.add(tab); // the last to be asked the next time
      }
    }
    throw failed;
  }

  const rest = () => core.pause(tabs.size > 0 && [...tabs].every(({ paused }) => paused));

  globalThis.onconnect = ({ ports: [port] }) => {
    const subscriptions = new Map();
    const say = (...message) => port.postMessage(message);
    const tab = { paused: false, say };
    let leave;
    const verbs = {
      start(setup, lock) {
        tabs.add(tab);
        navigator.locks?.request(lock, verbs.close);
        leave = hold(held => say('lock', held));
        core ??= new Core(setup, ask, status => tabs.forEach(each => each.say('tell', status)));
        say('tell', core.status);
        rest();
      },
      add(id, subscription) {
        subscriptions.set(id, subscription);
        core.add(Object.assign(subscription, { hear: (kind, value) => say('hear', id, kind, value) }));
      },
      remove(id) {
        core.remove(subscriptions.get(id));
        subscriptions.delete(id);
      },
      pause(paused) {
        tab.paused = paused;
        rest();
      },
      answer(id, how, value) {
        waiting.get(id)[how](value);
        waiting.delete(id);
      },
      close() {
        port.close();
        tabs.delete(tab);
        subscriptions.forEach(each => core.remove(each));
        leave();
        rest();
      },
    };
    port.onmessage = ({ data: [verb, ...values] }) => verbs[verb](...values);
  };
}

if (globalThis.SharedWorkerGlobalScope && WORKER.test(globalThis.name)) {
  serveTabs();
}

/** A hub at `url`, to subscribe at. Nothing is asked for before somebody subscribes. */
export function connect(url, { token, ticket, share, hidden, credentials, onState, worker = import.meta.url } = {}) {
  const given = ticket ?? token;
  const renews = typeof given === 'function';
  const setup = {
    url: new URL(url, globalThis.document?.baseURI).href.replace(/\/?([?#].*)?$/, '/'),
    kind: ticket ? 'ticket' : given && 'token', renews, credentials,
  };
  const subscriptions = new Map();
  let ids = 0;
  let status = { state: 'idle', transport: 'stream' };
  let shared = false;
  let paused = false;
  let unseen = false;
  let core;

  const ask = async () => (renews ? given() : given);
  const tell = told => {
    if (told && status.state !== 'closed') {
      status = told;
      call(onState, { ...told, shared });
    }
  };
  const hear = (id, kind, value) => {
    const each = subscriptions.get(id);
    if (!each) {
      return;
    }
    // Where another worker would go on. Ids of events say that only behind a snapshot.
    const at = typeof value === 'string' ? value : (each.position || each.since !== 'current') && value.id;
    if (value.snapshot) {
      each.position = '';
    } else if (at && before(each.position, at)) {
      each.position = at;
    }
    if (kind === 'error' || kind === 'end') {
      subscriptions.delete(id);
      core.remove(each);
    }
    call(each.on[kind], value);
  };
  const rest = () => core.pause(paused || unseen);
  const begin = () => {
    if (status.state !== 'closed') {
      shared = !!share;
      core = share
        ? coreOfTabs(setup, new URL(worker, setup.url).href, share === true ? '' : share, { hear, tell, ask }, begin, alone)
        : new Core(setup, ask, tell);
      subscriptions.forEach(each => core.add(each));
      rest();
    }
  };
  const alone = () => {
    share = false;
    begin();
  };
  try {
    begin();
  } catch {
    alone(); // there are no such workers, or a worker of another origin is none
  }

  const look = () => {
    const { hidden } = document;
    setTimeout(() => {
      if (hidden === document.hidden) {
        unseen = hidden;
        rest();
      }
    }, hidden ? HIDDEN_MILLIS : 0);
  };
  if (hidden === 'pause') {
    document.addEventListener('visibilitychange', look);
    look();
  }

  return {
    get status() {
      return { ...status, shared };
    },

    subscribe(filter, event, {
      since = 'latest', last, onGap: gap, onDeleted: deleted, onCurrent: current, onEnd: end, onError: error = console.error,
    } = {}) {
      if (status.state === 'closed') {
        throw new Error('it was closed');
      }
      const id = ++ids;
      const on = { event, gap, deleted, current, end, error };
      const subscription = { id, filter, since, last, position: '', on, hear: (kind, value) => hear(id, kind, value) };
      subscriptions.set(id, subscription);
      core.add(subscription);
      return () => subscriptions.delete(id) && core.remove(subscription);
    },

    pause() {
      paused = true;
      rest();
    },

    resume() {
      paused = false;
      rest();
    },

    close() {
      subscriptions.clear();
      core.close();
      globalThis.document?.removeEventListener('visibilitychange', look);
      tell({ state: 'closed', transport: status.transport });
    },
  };
}
