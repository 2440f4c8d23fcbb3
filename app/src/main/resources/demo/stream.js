// One EventSource whose state a person can see, and that takes up where it was left.
import { showState } from './state.js';
import { plural } from './words.js';

/** A browser queues a stream without a word when its six connections to the host are taken; after this long the page says so. */
const SLOW_OPEN_MILLIS = 5000;

export class Stream {
  #chip;
  #hear;
  #types;
  #source = null;
  #url = '';
  #lastId = '';
  #reconnects = 0;
  #lost = false;
  #slow = 0;

  /**
   * @param chip  the element that shows the state
   * @param hear  `event({type, id, text})` for an event, `note({kind, type, id, text})` for what happens to the stream itself
   * @param types the named types to listen to besides `message`
   */
  constructor(chip, hear, types = []) {
    this.#chip = chip;
    this.#hear = hear;
    this.#types = new Set(types);
    showState(chip, 'closed', 0);
  }

  /** Opens `url` where it says to start. */
  open(url) {
    this.#url = url;
    this.#lastId = '';
    this.#connect(url);
  }

  /** Opens the same address again, after the last event that was heard if there was one. */
  resume() {
    if (this.#lastId === '') {
      this.#connect(this.#url);
    } else {
      this.#note('note', `Back; the hub goes on after ${this.#lastId}.`);
      this.#connect(withQuery(this.#url, 'lastEventId', this.#lastId));
    }
  }

  close() {
    clearTimeout(this.#slow);
    if (this.#source !== null) {
      this.#source.close();
      this.#source = null;
      this.#state('closed');
    }
  }

  #connect(url) {
    this.close();
    this.#reconnects = 0;
    this.#lost = false;
    const source = new EventSource(url);
    this.#source = source;
    this.#state('connecting');
    this.#watchOpening();
    source.addEventListener('open', () => this.#opened());
    source.addEventListener('error', event => this.#failed(event));
    source.addEventListener('message', event => this.#heard(event));
    source.addEventListener('hark.gap', event => this.#gap(event));
    source.addEventListener('hark.close', event => this.#announced(event));
    for (const type of this.#types) {
      source.addEventListener(type, event => this.#heard(event));
    }
  }

  #opened() {
    clearTimeout(this.#slow);
    if (this.#lost) {
      this.#lost = false;
      this.#reconnects++;
      this.#note('note', 'Connected again; the hub goes on after the last id that the browser knows.');
    }
    this.#state('open');
  }

  #failed(event) {
    if (event instanceof MessageEvent) {
      return; // a publisher chose the type `error`
    }
    if (this.#source.readyState === EventSource.CLOSED) {
      const refused = this.#source.url;
      this.close();
      this.#state('refused');
      this.#explain(refused);
      return;
    }
    this.#state('reconnecting');
    if (!this.#lost) {
      this.#lost = true;
      this.#note('note', 'Connection lost. The browser tries again by itself.');
    }
  }

  #heard(event) {
    this.#lastId = event.lastEventId;
    this.#hear.event({ type: event.type, id: event.lastEventId, text: event.data });
  }

  #gap(event) {
    this.#lastId = event.lastEventId;
    const gap = parsed(event.data);
    const dropped = gap.dropped === null || gap.dropped === undefined ? 'An unknown number of events' : plural(gap.dropped, 'event');
    this.#note('gap', `${dropped} missing here (${gap.reason}); it goes on at ${gap.resumedAt}.`, event);
  }

  #announced(event) {
    this.#note('close', `The hub ends this stream on purpose (${parsed(event.data).reason}).`, event);
  }

  /** EventSource hides why it was refused; a plain request to the same address is told. */
  async #explain(url) {
    let why = 'The hub did not say why.';
    const giveUp = new AbortController();
    try {
      const answer = await fetch(url, { signal: giveUp.signal });
      if (!answer.ok) {
        const problem = parsed(await answer.text());
        why = `${answer.status} ${problem.title ?? ''}: ${problem.detail ?? 'no detail'}`;
      }
      giveUp.abort();
    } catch {
      // The general sentence stands.
    }
    this.#note('close', `Refused, and EventSource does not retry that. ${why}`);
  }

  #watchOpening() {
    this.#slow = setTimeout(() => this.#note('note',
      'Still waiting. A browser allows six HTTP/1.1 connections to a host, all tabs together: are others open?'), SLOW_OPEN_MILLIS);
  }

  #note(kind, text, event) {
    this.#hear.note({ kind, type: event?.type ?? '', id: event?.lastEventId ?? '', text });
  }

  #state(state) {
    showState(this.#chip, state, this.#reconnects);
  }
}

function withQuery(url, name, value) {
  return `${url}${url.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
}

function parsed(json) {
  try {
    return JSON.parse(json) ?? {};
  } catch {
    return {};
  }
}
