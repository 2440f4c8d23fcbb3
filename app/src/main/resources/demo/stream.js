// One stream whose state a person can see. That it comes back whatever happens, and takes up where it was left, is the client's work.
import { connect } from '../client/hark.js';
import { showState } from './state.js';
import { plural } from './words.js';

/** A browser queues a request without a word when its six connections to the host are taken; after this long the page says so. */
export const SLOW_MILLIS = 3000;
export const SLOW_WORDS = 'Still waiting for a connection. A browser allows six HTTP/1.1 connections to a host, all its tabs and windows '
  + 'together: are others open? A proxy that speaks HTTP/2 has no such limit.';

const STATES = { connecting: 'connecting', open: 'open', waiting: 'reconnecting' };
/** What the hub calls its reasons, and what the client calls its own. */
const OWN_REASONS = ['lost', 'silent', 'refused', 'token'];

export class Stream {
  #chip;
  #hear;
  #hub = null;
  #lastId = '';
  #reconnects = 0;
  #lost = false;
  #slow = 0;

  /**
   * @param chip the element that shows the state
   * @param hear `event({type, id, text, event})` for an event, `note({kind, type, id, text, reason})` for what happens to the stream
   *             itself, and, where wanted, `deleted({topic})`, `current(id)` and `snapshot()`, when another begins
   */
  constructor(chip, hear) {
    this.#chip = chip;
    this.#hear = hear;
    showState(chip, 'closed', 0);
  }

  /** Hears what `filters` match, from where `options` say. */
  open(filters, options = {}) {
    this.#hub?.close();
    this.#lastId = '';
    this.#reconnects = 0;
    this.#lost = false;
    showState(this.#chip, 'connecting', 0);
    const hub = connect(new URL('..', document.baseURI), { onState: status => this.#state(hub, status) });
    this.#hub = hub;
    for (const filter of filters) {
      hub.subscribe(filter, event => this.#event(event), {
        ...options,
        onGap: gap => this.#gap(gap),
        onDeleted: deleted => this.#hear.deleted?.(deleted),
        onCurrent: id => this.#hear.current?.(id),
        onEnd: () => this.#over('closed', 'The topic has ended, and the hub has nothing more to say (204).'),
        onError: ({ status, detail }) => this.#over('refused', `The hub refuses this with ${status} (${detail}).`),
      });
    }
  }

  /** Goes on after the last event that was heard, if there was one. */
  resume() {
    if (this.#hub?.status.state === 'paused' && this.#lastId !== '') {
      this.#note('note', `Back; the hub goes on after ${this.#lastId}.`);
    }
    this.#hub?.resume();
  }

  close() {
    this.#hub?.pause();
  }

  #event(event) {
    const { id, type, data } = event;
    if (id !== this.#lastId) { // several filters may match it
      this.#lastId = id;
      this.#hear.event({ type, id, text: typeof data === 'string' ? data : JSON.stringify(data), event });
    }
  }

  #state(hub, { state, reason, error }) {
    clearTimeout(this.#slow);
    if (hub !== this.#hub) {
      return;
    }
    if (state === 'connecting') {
      this.#slow = setTimeout(() => this.#note('note', SLOW_WORDS), SLOW_MILLIS);
    } else if (state === 'open' && this.#lost) {
      this.#lost = false;
      this.#reconnects++;
      this.#note('note', 'Connected again; the hub goes on after the last id that was heard.');
    } else if (state === 'waiting') {
      this.#away(reason, error);
    }
    if (state !== 'idle') { // it is refused or has ended then, which is shown
      showState(this.#chip, this.#lost && state === 'connecting' ? 'reconnecting' : STATES[state] ?? 'closed', this.#reconnects);
    }
  }

  #away(reason, error) {
    if (!OWN_REASONS.includes(reason)) {
      this.#note('close', `The hub ends this stream on purpose (${reason}).`, 'hark.close');
    }
    if (!this.#lost) {
      this.#lost = true;
      const why = error?.status ? `The answer was ${error.status}: the hub is away or full.` : 'Connection lost.';
      this.#note('note', `${why} The page tries again by itself.`);
    }
  }

  #over(state, words) {
    showState(this.#chip, state, this.#reconnects);
    this.#note('close', words);
  }

  #gap({ reason, resumedAt, dropped, snapshot }) {
    const missing = dropped === null ? 'An unknown number of events' : plural(dropped, 'event');
    this.#note('gap', `${missing} missing here (${reason}); it goes on at ${resumedAt}.`, 'hark.gap', reason, resumedAt);
    if (snapshot) {
      this.#hear.snapshot?.();
    }
  }

  #note(kind, text, type = '', reason = '', id = '') {
    this.#hear.note({ kind, type, id, text, reason });
  }
}
