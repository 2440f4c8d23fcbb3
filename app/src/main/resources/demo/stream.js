// One stream whose state a person can see, that comes back whatever happened, and takes up where it was left.
import { blocks } from './sse.js';
import { showState } from './state.js';
import { plural } from './words.js';

/** A browser queues a request without a word when its six connections to the host are taken; after this long the page says so. */
export const SLOW_MILLIS = 3000;
export const SLOW_WORDS = 'Still waiting for a connection. A browser allows six HTTP/1.1 connections to a host, all its tabs and windows '
  + 'together: are others open? A proxy that speaks HTTP/2 has no such limit.';

/** What passes: the hub is full or away, and a proxy answers for it. */
const PASSING = new Set([429, 500, 502, 503, 504]);
const FIRST_RETRY_MILLIS = 2000;
const LONGEST_RETRY_MILLIS = 30_000;

export class Stream {
  #chip;
  #hear;
  #topic;
  #url = '';
  #lastId = '';
  #retryMillis = FIRST_RETRY_MILLIS;
  #failures = 0;
  #reconnects = 0;
  #lost = false;
  #said = false;
  #stop = null;

  /**
   * @param chip  the element that shows the state
   * @param hear  `event({type, topic, id, text})` for an event, `note({kind, type, id, text, reason})` for what happens to the stream
   *              itself, and, where wanted, `hub({type, id, text})` for what else the hub says
   * @param topic the topic of all its events, where that is known
   */
  constructor(chip, hear, topic = '') {
    this.#chip = chip;
    this.#hear = hear;
    this.#topic = topic;
    showState(chip, 'closed', 0);
  }

  /** Opens `url` where it says to start. */
  open(url) {
    this.#url = url;
    this.#lastId = '';
    this.#begin();
  }

  /** Opens the same address again, after the last event that was heard if there was one. */
  resume() {
    if (this.#stop !== null) {
      return;
    }
    if (this.#lastId !== '') {
      this.#note('note', `Back; the hub goes on after ${this.#lastId}.`);
    }
    this.#begin();
  }

  close() {
    if (this.#stop !== null) {
      this.#stop.abort();
      this.#stop = null;
      this.#state('closed');
    }
  }

  #begin() {
    this.close();
    this.#failures = 0;
    this.#reconnects = 0;
    this.#lost = false;
    this.#said = false;
    this.#retryMillis = FIRST_RETRY_MILLIS;
    this.#stop = new AbortController();
    this.#state('connecting');
    this.#keepOpen(this.#stop.signal);
  }

  /** Until somebody closes it, or the hub refuses it. */
  async #keepOpen(signal) {
    while (!signal.aborted) {
      let why = 'Connection lost.';
      try {
        const answer = await this.#ask(signal);
        if (PASSING.has(answer.status)) {
          why = `The answer was ${answer.status}: the hub is away or full.`;
          await answer.body?.cancel();
          this.#failures++;
        } else if (answer.status === 200) {
          this.#opened();
          await this.#read(answer.body);
        } else if (answer.status === 204) {
          this.#ended();
          return;
        } else {
          await this.#refused(answer);
          return;
        }
      } catch {
        this.#failures += signal.aborted ? 0 : 1;
      }
      if (!signal.aborted) {
        this.#away(why);
        await pause(this.#delayMillis(), signal);
      }
    }
  }

  async #ask(signal) {
    const slow = setTimeout(() => this.#slow(), SLOW_MILLIS);
    try {
      const resumed = this.#lastId === '' ? {} : { 'Last-Event-ID': this.#lastId };
      return await fetch(this.#url, { headers: { Accept: 'text/event-stream', ...resumed }, cache: 'no-store', signal });
    } finally {
      clearTimeout(slow);
    }
  }

  async #read(body) {
    for await (const { type = 'message', id, data, retry } of blocks(body)) {
      this.#lastId = id ?? this.#lastId;
      this.#retryMillis = retry ?? this.#retryMillis;
      if (data === null) {
        continue; // a position, or a heartbeat
      }
      if (type === 'hark.gap') {
        this.#gap(type, data);
      } else if (type === 'hark.close') {
        this.#note('close', `The hub ends this stream on purpose (${parsed(data).reason}).`, type);
      } else if (!type.startsWith('hark.')) {
        this.#hear.event({ type: type === '' ? 'message' : type, topic: this.#topic, id: this.#lastId, text: data });
      } else {
        this.#hear.hub?.({ type, id: this.#lastId, text: data });
      }
    }
  }

  #opened() {
    this.#failures = 0;
    if (this.#lost) {
      this.#lost = false;
      this.#reconnects++;
      this.#note('note', 'Connected again; the hub goes on after the last id that was heard.');
    }
    this.#state('open');
  }

  #slow() {
    if (!this.#said) {
      this.#said = true;
      this.#note('note', SLOW_WORDS);
    }
  }

  #away(why) {
    this.#state('reconnecting');
    if (!this.#lost) {
      this.#lost = true;
      this.#note('note', `${why} The page tries again by itself.`);
    }
  }

  #delayMillis() {
    const least = this.#failures === 0 ? this.#retryMillis
      : Math.max(this.#retryMillis, Math.min(LONGEST_RETRY_MILLIS, this.#retryMillis * 2 ** (this.#failures - 1)));
    return least * (1 + Math.random() / 4);
  }

  #ended() {
    this.#stop = null;
    this.#state('closed');
    this.#note('close', 'The topic has ended, and the hub has nothing more to say (204).');
  }

  async #refused(answer) {
    this.#stop = null;
    this.#state('refused');
    const problem = parsed(await answer.text());
    this.#note('close', `Refused. ${answer.status} ${problem.title ?? ''}: ${problem.detail ?? 'the hub did not say why'}`);
  }

  #gap(type, data) {
    const gap = parsed(data);
    const dropped = gap.dropped === null || gap.dropped === undefined ? 'An unknown number of events' : plural(gap.dropped, 'event');
    this.#note('gap', `${dropped} missing here (${gap.reason}); it goes on at ${gap.resumedAt}.`, type, gap.reason);
  }

  #note(kind, text, type = '', reason = '') {
    this.#hear.note({ kind, type, id: type === '' ? '' : this.#lastId, text, reason });
  }

  #state(state) {
    showState(this.#chip, state, this.#reconnects);
  }
}

/** Waits, or until `signal` says that nobody waits any more. */
function pause(millis, signal) {
  return new Promise(next => {
    const timer = setTimeout(next, millis);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      next();
    }, { once: true });
  });
}

function parsed(json) {
  try {
    return JSON.parse(json) ?? {};
  } catch {
    return {};
  }
}
