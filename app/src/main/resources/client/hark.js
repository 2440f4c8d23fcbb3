// Hark's client for browsers: many subscriptions over one connection. How it is used is in docs/clients.md, its types are in hark.d.ts, and
// why it is made so in docs/decisions/0069-browser-client.md. The module is also the script of the worker that tabs share.

const FILTERS_MAX = 100; // of one stream; the hub takes no more
const PAGE_EVENTS = 500;
const CAUGHT_UP = 100; // who is given fewer at once is near enough to the newest to go on by stream
const RETRY_MILLIS = 2000;
const LONGEST_RETRY_MILLIS = 30_000;
const FIRST_BYTE_MILLIS = 10_000; // a hub that is asked for a stream says something at once
const SILENCE_MILLIS = 40_000; // and again every 15 s, unless its `delivery.heartbeat` is another
const LOOK_MILLIS = 2000;
const SETTLE_MILLIS = 100; // the shortest life of a connection, so that changes in quick succession do not starve it
const LEAVE_MILLIS = 1000; // what nobody wants any more may come for so long
const POLL_WAIT = '20s';
const ANSWER_MILLIS = 20_000; // for a token
const SHORT_LIFE_MILLIS = 5000; // a token that is over so soon is not renewed ahead of time
const RENEW_MILLIS = 30_000;
const HIDDEN_MILLIS = 2000;
const TIMER_MAX = 2 ** 31 - 1;
const WORKER = /^hark 1 /; // the number changes with what tabs and worker say to each other

/** Statuses that pass by themselves: the hub is full or away, or a proxy answers for it. */
const passes = status => status >= 500 || [408, 425, 429].includes(status);

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

/** Whether `a` is an earlier position than `b`. Within a snapshot all are earlier than its own; those of two logs are each news to the other. */
function before(a, b) {
  const [, epoch, sequence, item = Infinity] = parts(a);
  const [, otherEpoch, otherSequence, otherItem = Infinity] = parts(b);
  return epoch === otherEpoch ? (sequence - otherSequence || item - otherItem) < 0 : true;
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
      const [, name, text] = /^(\w+): (.*?)\r?$/.exec(line) ?? [];
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

function failure(reason, detail, more) {
  return Object.assign(new Error(detail), { reason, detail, ...more });
}

/** One connection for all subscriptions. Each knows after which position it is to go on, so any change is a new request from the earliest. */
class Core {
  #url;
  #auth;
  #credentials;
  #ask;
  #tell;
  #subscriptions = new Set();
  #connection = null;
  #token;
  #epoch = '';
  #failures = 0;
  #retryMillis = RETRY_MILLIS;
  #polls = false;
  #mute = 0;
  #running = false;
  #paused = false;
  #planned = false;
  #sleepers = new Set();
  #wake = () => this.#sleepers.forEach(wake => wake());

  /** `ask` gives a token or ticket, `tell` is told of each state; `auth` is `{kind, renews}`. */
  constructor({ url, auth, credentials }, ask, tell) {
    this.#url = url;
    this.#auth = auth;
    this.#credentials = credentials;
    this.#ask = ask;
    this.#tell = tell;
    globalThis.addEventListener?.('online', this.#wake);
  }

  /** `{filter, since, last, hear(kind, value)}`, until it is removed, has ended or is refused. */
  add(subscription) {
    Object.assign(subscription, { at: '', joining: false, snapshot: subscription.since === 'current' });
    this.#subscriptions.add(subscription);
    if (new Set(filtersOf(this.#subscriptions)).size > FILTERS_MAX) {
      this.#refuse(subscription, failure('refused', `one connection has at most ${FILTERS_MAX} different filters`, { status: 400 }));
    }
    this.#changed(0);
  }

  remove(subscription) {
    this.#subscriptions.delete(subscription);
    this.#changed(LEAVE_MILLIS);
  }

  pause(paused) {
    if (this.#paused !== paused) {
      this.#paused = paused;
      this.#failures = 0;
      this.#stop(this.#connection, paused ? 'paused' : '');
      this.#wake();
      this.#changed(0);
    }
  }

  close() {
    this.#subscriptions.clear();
    this.#changed(0);
    globalThis.removeEventListener?.('online', this.#wake);
  }

  /** Something was added, removed or is ready: looked at once for all that happens at the same time. */
  #changed(millis) {
    const connection = this.#connection;
    if (connection?.opened) {
      const due = Math.max(Date.now() + millis, connection.opened + SETTLE_MILLIS);
      if (due < connection.due) {
        connection.due = due;
        clearTimeout(connection.change);
        connection.change = setTimeout(() => {
          connection.due = Infinity;
          if (this.#isStale(connection)) {
            this.#stop(connection, 'changed');
          }
        }, due - Date.now());
      }
    }
    if (!this.#planned) {
      this.#planned = true;
      queueMicrotask(() => {
        this.#planned = false;
        if (this.#subscriptions.size === 0) {
          this.#stop(this.#connection, 'changed');
          this.#wake();
        } else if (this.#connection !== null) {
          this.#joinAll([...this.#subscriptions].filter(each => each.at === '' && !this.#connection.subscriptions.has(each)));
        }
        this.#idle?.();
        this.#run();
      });
    }
  }

  #idle;

  /** Whether others are to be heard than `connection` was asked for. */
  #isStale({ filters, subscriptions }) {
    const wanted = new Set(filtersOf(this.#subscriptions));
    return [...filters].some(filter => !wanted.has(filter))
      || [...this.#subscriptions].some(each => !each.joining && !subscriptions.has(each));
  }

  #stop(connection, why) {
    if (connection !== null && connection.why === '') {
      connection.why = why || 'changed';
      connection.abort.abort();
    }
  }

  async #run() {
    if (this.#running) {
      return;
    }
    this.#running = true;
    while (this.#subscriptions.size > 0 && !this.#paused) {
      const ready = this.#ready();
      if (ready.length === 0) {
        await new Promise(next => { this.#idle = next; });
        continue;
      }
      const pauseMillis = await this.#listen(ready);
      if (pauseMillis > 0 && this.#subscriptions.size > 0 && !this.#paused) {
        await this.#sleep(pauseMillis);
      }
    }
    this.#running = false;
    this.#state(this.#paused ? 'paused' : 'idle');
  }

  /** Who can be heard over one connection; the others are brought to a position first. */
  #ready() {
    const all = [...this.#subscriptions];
    const idle = all.filter(each => !each.joining);
    const same = (some, of) => new Set(some.map(of)).size === 1;
    if (idle.length === all.length && same(all, ({ at, since, last }) => [at, at ? '' : since, at ? '' : last].join(' '))) {
      return all;
    }
    // A position within a snapshot says nothing about what others are after.
    const ready = idle.filter(({ at }) => at !== '' && !inSnapshot(at));
    this.#joinAll(idle.filter(each => !ready.includes(each)));
    return ready;
  }

  #joinAll(subscriptions) {
    const groups = new Map();
    for (const each of subscriptions.filter(({ joining }) => !joining)) {
      const start = [each.at, each.since, each.last].join(' ');
      groups.set(start, [...groups.get(start) ?? [], each]);
    }
    groups.forEach(group => this.#join(group));
  }

  /** Reads pages until little is missing up to the newest event: from there a stream goes on. */
  async #join(group) {
    group.forEach(each => { each.joining = true; });
    let { at } = group[0];
    const { since, last } = group[0];
    let failures = 0;
    for (let more = true; more;) {
      group = group.filter(each => this.#subscriptions.has(each));
      if (group.length === 0) {
        return;
      }
      try {
        const page = await this.#page(this.#query(group, at, since, last, { limit: at || since !== 'latest' ? PAGE_EVENTS : 1 }));
        failures = 0;
        if (page.gap !== null) {
          group.forEach(each => this.#hear(each, 'gap', { ...page.gap, snapshot: page.gap.resumedAt.endsWith('.0') }));
        }
        for (const event of page.events) {
          group.filter(({ filter }) => matches(filter, event.topic)).forEach(each => this.#event(each, event));
        }
        at = page.next;
        group.forEach(each => { each.at = at; });
        more = inSnapshot(at) || page.events.length >= CAUGHT_UP;
      } catch (e) {
        if (!this.#isFinal(e)) {
          await this.#sleep(this.#waitMillis(++failures, e));
        } else if (group.length > 1) {
          group.forEach(each => this.#join([each])); // one of them it is
          return;
        } else {
          this.#refuse(group[0], e);
          return;
        }
      }
    }
    const connection = this.#connection;
    for (const each of group) {
      each.joining = false;
      this.#whole(each);
      if (connection?.opened && connection.filters.has(each.filter) && !before(each.at, connection.at)) {
        connection.subscriptions.add(each);
      }
    }
    this.#changed(0);
  }

  /** Hears `subscriptions` until something ends it; the milliseconds to wait before the next time. */
  async #listen(subscriptions) {
    const ids = subscriptions.map(({ at }) => at);
    const connection = {
      subscriptions: new Set(subscriptions), filters: new Set(filtersOf(subscriptions)),
      // What is of another log than the newest that we know has to be told so.
      at: ids.find(id => parts(id)[1] !== this.#epoch) ?? ids.reduce((first, id) => (before(id, first) ? id : first)),
      abort: new AbortController(), why: '', opened: 0, due: Infinity, heard: false, heardAt: Infinity, reason: '',
    };
    this.#connection = connection;
    const look = setInterval(() => {
      if (Date.now() - connection.heardAt > (connection.heard ? SILENCE_MILLIS : FIRST_BYTE_MILLIS)) {
        this.#stop(connection, 'silent');
      }
    }, LOOK_MILLIS);
    let error = null;
    try {
      this.#state('connecting', this.#failures === 0 ? {} : { error: this.status.error });
      await (this.#polls ? this.#poll(connection) : this.#stream(connection));
    } catch (e) {
      error = e;
    }
    clearInterval(look);
    clearTimeout(connection.change);
    clearTimeout(connection.renewal);
    this.#connection = null;
    for (const each of connection.subscriptions) {
      if (connection.at && (each.at === '' || before(each.at, connection.at))) {
        each.at = connection.at;
      }
    }
    return this.#after(connection, error);
  }

  #after(connection, error) {
    const { why, reason, opened } = connection;
    if (why === 'changed' || why === 'paused') {
      return 0;
    }
    if (['ended', 'token-expired', 'revoked'].includes(reason)) {
      this.#token = undefined;
      this.#failures = opened ? 0 : this.#failures + 1;
      this.#state('connecting', { reason });
      return this.#failures === 0 ? 0 : this.#waitMillis(this.#failures);
    }
    if (error?.status && this.#isFinal(error)) {
      this.#failures++;
      const all = [...connection.subscriptions].filter(each => this.#subscriptions.has(each));
      if (all.length === 1) {
        this.#refuse(all[0], error);
        return 0;
      }
      if (this.#failures === 1) {
        all.forEach(each => this.#join([each])); // whom it is about shows when each asks for itself
        return 0;
      }
    } else if (opened && why === 'silent') {
      this.#state('connecting', { reason: why });
      return 0;
    } else if (!opened || error?.status) {
      this.#failures++;
    }
    if (this.#polls) {
      this.#polls = !error; // streams are tried again when pages do not come through either
      this.#mute = 1;
    } else if (why === 'silent' && !connection.heard) {
      this.#polls = ++this.#mute > 1;
    }
    const retryMillis = this.#polls ? 0 : this.#waitMillis(this.#failures, error, reason !== '');
    const told = error === null || why !== '' ? {} : { error: { status: error.status ?? 0, detail: error.detail ?? String(error) } };
    this.#state('waiting', { reason: reason || why || error?.reason || 'lost', retryMillis, ...told });
    return retryMillis;
  }

  /** Later after each failure, and never all at once; the hub has spread already what it says with `hark.close`. */
  #waitMillis(failures, error, spread = false) {
    const least = Math.max(this.#retryMillis, Math.min(LONGEST_RETRY_MILLIS, this.#retryMillis * 2 ** (failures - 1)));
    return Math.round(Math.max(least, error?.retryMillis ?? 0) * (spread ? 1 : 1 + Math.random() / 4));
  }

  async #stream(connection) {
    const answer = await this.#request(this.#queryOf(connection), 'text/event-stream', connection.abort.signal, () => {
      connection.heardAt = Date.now();
    });
    if (answer.status === 204) {
      for (const each of connection.subscriptions) {
        this.#drop(each, 'end');
      }
      return;
    }
    for await (const block of blocks(answer.body, () => { connection.heard = true; connection.heardAt = Date.now(); })) {
      this.#take(connection, block);
    }
  }

  async #poll(connection) {
    for (;;) {
      const from = connection.at;
      const query = this.#queryOf(connection, { limit: PAGE_EVENTS, ...from && { wait: POLL_WAIT } });
      connection.heard = true;
      connection.heardAt = Date.now();
      const page = await this.#page(query, connection.abort.signal);
      this.#opened(connection);
      if (page.gap !== null) {
        this.#gap(connection, page.gap);
      }
      for (const event of page.events) {
        this.#dispatch(connection, event.topic, each => each.at === from || before(each.at, event.id), each => this.#event(each, event));
      }
      connection.at = page.next;
      if (!inSnapshot(page.next)) {
        connection.subscriptions.forEach(each => this.#whole(each));
      }
    }
  }

  /** One block of a stream. What begins with `hark.` and is not known is passed over. */
  #take(connection, { type = 'message', id, data, retry }) {
    if (id) {
      connection.at = id;
      this.#epoch = parts(id)[1];
    }
    this.#retryMillis = Number(retry) || this.#retryMillis;
    if (data === undefined) {
      return;
    }
    const isNews = each => each.at === '' || before(each.at, id);
    if (type === 'hark.open') {
      this.#opened(connection);
    } else if (type === 'hark.gap') {
      this.#gap(connection, JSON.parse(data));
    } else if (type === 'hark.close') {
      connection.reason = JSON.parse(data).reason;
    } else if (type === 'hark.position') {
      if (!inSnapshot(id)) {
        connection.subscriptions.forEach(each => this.#whole(each));
      }
    } else if (type === 'hark.deleted') {
      const { topic, key } = JSON.parse(data);
      this.#dispatch(connection, topic, isNews, each => this.#event(each, { topic, id, type, key }));
    } else if (!type.startsWith('hark.')) {
      const event = JSON.parse(data);
      this.#dispatch(connection, event.topic, isNews, each => this.#event(each, event));
    }
  }

  #opened(connection) {
    if (connection.opened) {
      return;
    }
    connection.opened = Date.now();
    this.#failures = 0;
    this.#mute = 0;
    this.#state('open');
    this.#changed(0);
    this.#renewAhead(connection);
  }

  /** Has a new token before the one of this connection ends, and changes over. */
  async #renewAhead(connection) {
    const left = this.#auth.kind === 'token' && this.#auth.renews ? expiry(await this.#token) - Date.now() : NaN;
    if (left > SHORT_LIFE_MILLIS && connection === this.#connection) {
      connection.renewal = setTimeout(() => {
        const next = this.#answer();
        next.then(() => {
          this.#token = next;
          this.#stop(connection, 'changed');
        }, () => {}); // the hub says when it is over, and then it is told
      }, Math.min(Math.max(left * 0.9, left - RENEW_MILLIS), TIMER_MAX));
    }
  }

  #gap(connection, gap) {
    const lost = ['reset', 'unknown-id'].includes(gap.reason) || (gap.reason === 'retention' && gap.after !== null);
    const anew = [];
    for (const each of connection.subscriptions) {
      const snapshot = lost && each.since === 'current';
      if (snapshot) {
        connection.subscriptions.delete(each);
        Object.assign(each, { at: '', snapshot });
        anew.push(each);
      }
      this.#hear(each, 'gap', { ...gap, snapshot });
    }
    this.#joinAll(anew);
  }

  #dispatch({ subscriptions }, topic, isNews, give) {
    for (const each of subscriptions) {
      if (isNews(each) && matches(each.filter, topic)) {
        give(each);
      }
    }
  }

  #event(subscription, event) {
    if (event.type === 'hark.deleted') {
      this.#hear(subscription, 'deleted', { topic: event.topic, id: event.id, key: event.key });
    } else {
      this.#hear(subscription, 'event', event);
    }
  }

  #whole(subscription) {
    if (subscription.snapshot) {
      subscription.snapshot = false;
      this.#hear(subscription, 'current');
    }
  }

  #hear(subscription, kind, value) {
    if (this.#subscriptions.has(subscription)) {
      call(subscription.hear, kind, value);
    }
  }

  #refuse(subscription, { status, title = '', detail }) {
    this.#drop(subscription, 'error', { status, title, detail, filter: subscription.filter });
  }

  #drop(subscription, kind, value) {
    this.#hear(subscription, kind, value);
    this.#subscriptions.delete(subscription);
    this.#changed(0);
  }

  #isFinal({ status }) {
    return status >= 400 && !passes(status) && !(status === 401 && this.#auth.renews);
  }

  #queryOf({ subscriptions, at }, more) {
    const [{ since, last }] = subscriptions;
    return this.#query([...subscriptions], at, since, last, more);
  }

  #query(subscriptions, at, since, last, more = {}) {
    const query = new URLSearchParams({ format: 'envelope', ...more });
    [...new Set(filtersOf(subscriptions))].forEach(filter => query.append('topic', filter));
    if (at !== '') {
      query.set('lastEventId', at);
    }
    if (at === '' && last !== undefined) {
      query.set('last', last);
    } else if (at === '' || (inSnapshot(at) && since === 'current')) {
      query.set('since', since);
    }
    return query;
  }

  async #page(query, signal) {
    const page = await (await this.#request(query, 'application/json', signal ?? AbortSignal.timeout(SILENCE_MILLIS))).json();
    this.#epoch = parts(page.next)[1];
    return page;
  }

  /** The answer, where it is one of a hub's; a token that is refused is renewed once. */
  async #request(query, type, signal, begins) {
    const { kind, renews } = this.#auth;
    for (let again = false; ; again = true) {
      const headers = { Accept: type };
      if (kind === 'ticket') {
        query.set('ticket', await this.#answer()); // each is good for one request
      } else if (kind === 'token') {
        headers.Authorization = `Bearer ${await (this.#token ??= this.#answer())}`;
      }
      const token = this.#token;
      begins?.();
      const answer = await fetch(`${this.#url}events?${query}`, { headers, signal, cache: 'no-store', credentials: this.#credentials });
      const { status } = answer;
      if (status === 204 || (answer.ok && answer.headers.get('Content-Type')?.startsWith(type))) {
        return answer;
      }
      const problem = await answer.json().catch(() => ({}));
      if (answer.ok) {
        throw failure('lost', 'something else than the hub has answered');
      }
      if (status === 401 && this.#token === token) {
        this.#token = undefined;
      }
      if (status !== 401 || !renews || again) {
        const wait = answer.headers.get('Retry-After');
        throw failure('refused', problem.detail ?? `the answer was ${status}`, {
          status, title: problem.title, retryMillis: Number(wait) * 1000 || Date.parse(wait) - Date.now() || 0,
        });
      }
    }
  }

  /** What the page has for a token or a ticket. */
  async #answer() {
    let timer;
    try {
      const late = new Promise((_, no) => { timer = setTimeout(() => no(new Error('there was no answer')), ANSWER_MILLIS); });
      return await Promise.race([this.#ask(), late]);
    } catch (e) {
      this.#token = undefined;
      throw failure('token', `no ${this.#auth.kind}: ${e?.message ?? e}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Until the time is over, the browser is online again, or nobody waits any more. */
  #sleep(millis) {
    return new Promise(next => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        next();
      };
      const timer = setTimeout(wake, millis);
      this.#sleepers.add(wake);
    });
  }

  status = {};

  #state(state, more) {
    this.status = { state, transport: this.#polls ? 'poll' : 'stream', ...more };
    this.#tell(this.status);
  }
}

function filtersOf(subscriptions) {
  return [...subscriptions].map(({ filter }) => filter);
}

/** Says over one port what a tab would say to its own core. Tabs hold a lock while they are there: who gets it knows that they have gone. */
class Port {
  #port;
  #release = () => {};

  constructor(setup, script, name, { hear, tell, ask, fail }) {
    const policy = globalThis.trustedTypes?.createPolicy('hark', { createScriptURL: () => script });
    const worker = new SharedWorker(policy?.createScriptURL('') ?? script, { type: 'module', name: `hark 1 ${setup.url} ${name}` });
    this.#port = worker.port;
    worker.onerror = fail;
    const verbs = { hear, tell, ask: async id => {
      this.#post('answer', id, ...await ask().then(value => [value], e => [undefined, String(e?.message ?? e)]));
    } };
    this.#port.onmessage = ({ data: [verb, ...values] }) => verbs[verb](...values);
    this.#post('start', setup);
    const lock = `hark ${Math.random()}`;
    navigator.locks?.request(lock, () => {
      this.#post('lock', lock);
      return new Promise(done => { this.#release = done; });
    }).catch(() => {});
    addEventListener('pagehide', ({ persisted }) => persisted || this.close());
  }

  add({ id, filter, since, last }) {
    this.#post('add', id, { filter, since, last });
  }

  remove({ id }) {
    this.#post('remove', id);
  }

  pause(paused) {
    this.#post('pause', paused);
  }

  close() {
    this.#post('close');
    this.#release();
  }

  #post(...message) {
    this.#port.postMessage(message);
  }
}

/** The worker's side: one core for all tabs. */
function serveTabs() {
  const tabs = new Set();
  const waiting = new Map();
  let core = null;
  let asked = 0;

  /** Of the first tab that has a token: one may be frozen, or logged out. */
  async function ask() {
    let failed = new Error('no tab is there');
    for (const tab of tabs) {
      const id = ++asked;
      try {
        return await new Promise((yes, no) => {
          waiting.set(id, [yes, no]);
          setTimeout(() => no(new Error('there was no answer')), ANSWER_MILLIS / 4);
          tab.post('ask', id);
        });
      } catch (e) {
        failed = e;
      } finally {
        waiting.delete(id);
      }
    }
    throw failed;
  }

  const tell = status => tabs.forEach(tab => tab.post('tell', status));
  const rest = () => core?.pause(tabs.size > 0 && [...tabs].every(tab => tab.paused));

  globalThis.onconnect = ({ ports: [port] }) => {
    const subscriptions = new Map();
    const tab = { paused: false, post: (...message) => port.postMessage(message) };
    const leave = () => {
      tabs.delete(tab);
      subscriptions.forEach(each => core.remove(each));
      subscriptions.clear();
      rest();
    };
    const verbs = {
      start(setup) {
        tabs.add(tab);
        core ??= new Core(setup, ask, tell);
        tab.post('tell', core.status);
        rest();
      },
      add(id, { filter, since, last }) {
        const subscription = { filter, since, last, hear: (kind, value) => tab.post('hear', id, kind, value) };
        subscriptions.set(id, subscription);
        core.add(subscription);
      },
      remove(id) {
        core.remove(subscriptions.get(id));
        subscriptions.delete(id);
      },
      pause(paused) {
        tab.paused = paused;
        rest();
      },
      answer: (id, value, error) => waiting.get(id)?.[error === undefined ? 0 : 1](error === undefined ? value : new Error(error)),
      lock: name => navigator.locks.request(name, leave),
      close: leave,
    };
    port.onmessage = ({ data: [verb, ...values] }) => verbs[verb](...values);
    port.onclose = leave;
  };
}

if (globalThis.SharedWorkerGlobalScope && WORKER.test(globalThis.name)) {
  serveTabs();
}

/** A hub at `url`, to subscribe at. Nothing is asked for before somebody subscribes. */
export function connect(url, { token, ticket, share = false, hidden, credentials, onState, worker } = {}) {
  const base = new URL(url, globalThis.document?.baseURI);
  base.pathname = base.pathname.replace(/\/*$/, '/');
  base.search = base.hash = '';
  const given = ticket ?? token;
  const renews = typeof given === 'function';
  const setup = { url: base.href, credentials, auth: { kind: ticket ? 'ticket' : given === undefined ? '' : 'token', renews } };
  const subscriptions = new Map();
  let ids = 0;
  let status = { state: 'idle', transport: 'stream' };
  let shared = false;
  let core;

  const ask = async () => (renews ? given() : given);
  const tell = told => {
    if (status.state !== 'closed') {
      status = { ...status.state && {}, ...told };
      call(onState, { ...status, shared });
    }
  };
  const hear = (id, kind, value) => {
    const subscription = subscriptions.get(id);
    if (kind === 'error' || kind === 'end') {
      subscriptions.delete(id);
    }
    if (kind === 'error' && subscription && !subscription.error) {
      console.error(`hark: ${value.filter} is refused (${value.status}): ${value.detail}`);
    }
    call(subscription?.[kind], value);
  };
  const alone = () => {
    shared = false;
    core = new Core(setup, ask, tell);
    subscriptions.forEach(each => core.add(each));
  };

  // A worker's script has to be of the page's own origin, and bundled into another file this one is no worker's.
  const script = new URL(worker ?? import.meta.url, base).href;
  if (share && globalThis.SharedWorker && (worker || /\/hark[^/]*\.m?js$/.test(new URL(script).pathname))) {
    try {
      core = new Port(setup, script, share === true ? '' : share, { hear, tell, ask, fail: () => shared && alone() });
      shared = true;
    } catch {
      alone(); // another origin, or a policy that forbids it
    }
  } else {
    alone();
  }

  let rests;
  const look = () => {
    clearTimeout(rests);
    rests = setTimeout(() => core.pause(document.hidden), document.hidden ? HIDDEN_MILLIS : 0);
  };
  if (hidden === 'pause') {
    document.addEventListener('visibilitychange', look);
    look();
  }

  return {
    get status() {
      return { ...status, shared };
    },

    subscribe(filter, onEvent, { since = 'latest', last, onGap, onDeleted, onCurrent, onEnd, onError } = {}) {
      if (status.state === 'closed') {
        throw new Error('this hub was closed');
      }
      if (typeof filter !== 'string' || typeof onEvent !== 'function') {
        throw new TypeError('subscribe takes a topic filter and a function');
      }
      const id = ++ids;
      const subscription = {
        id, filter, since, last, hear: (kind, value) => hear(id, kind, value),
        event: onEvent, gap: onGap, deleted: onDeleted, current: onCurrent, end: onEnd, error: onError,
      };
      subscriptions.set(id, subscription);
      core.add(subscription);
      return () => {
        if (subscriptions.delete(id)) {
          core.remove(subscription);
        }
      };
    },

    pause: () => core.pause(true),
    resume: () => core.pause(false),

    close() {
      subscriptions.clear();
      core.close();
      clearTimeout(rests);
      globalThis.document?.removeEventListener('visibilitychange', look);
      tell({ state: 'closed', transport: status.transport });
    },
  };
}
