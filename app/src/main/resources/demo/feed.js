// A list of the newest lines, written at most once a frame, that follows its end unless the reader scrolled away.
import { clock } from './words.js';

const LINES_MAX = 200;
const SHOWN_CHARS_MAX = 4000;
const AT_END_PIXELS = 16;

export class Feed {
  #box;
  #list;
  #changed;
  #waiting = [];
  #frame = 0;
  #paused = false;
  #total = 0;
  #held = 0;

  /** @param changed called with (total, held) after a line came or the feed was cleared */
  constructor(box, changed = () => {}) {
    this.#box = box;
    this.#list = box.querySelector('ol');
    this.#changed = changed;
  }

  /** Adds `{kind, type, topic, id, text, time}`; `time` defaults to now, the others may be missing. */
  add(line) {
    this.#waiting.push({ time: clock(new Date()), kind: 'event', type: '', topic: '', id: '', ...line });
    if (this.#waiting.length > LINES_MAX) {
      this.#waiting.shift(); // it would be pushed out of view in this frame anyway
    }
    this.#total++;
    if (this.#paused) {
      this.#held++;
    }
    this.#schedule();
  }

  /** Keeps what comes out of view; the newest of it show on `pause(false)`. */
  pause(paused) {
    this.#paused = paused;
    this.#held = 0;
    this.#schedule();
  }

  clear() {
    this.#waiting = [];
    this.#total = 0;
    this.#held = 0;
    this.#list.replaceChildren();
    this.#changed(0, 0);
  }

  #schedule() {
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => this.#write());
    }
  }

  #write() {
    this.#frame = 0;
    this.#changed(this.#total, this.#held);
    if (this.#paused || this.#waiting.length === 0) {
      return;
    }
    const follows = this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < AT_END_PIXELS;
    this.#list.append(...this.#waiting.map(row));
    this.#waiting = [];
    while (this.#list.childElementCount > LINES_MAX) {
      this.#list.firstElementChild.remove();
    }
    if (follows) {
      this.#box.scrollTop = this.#box.scrollHeight;
    }
  }
}

function row({ kind, time, type, topic, id, text }) {
  const item = document.createElement('li');
  item.dataset.kind = kind;
  const words = part('span', 'text', shortened(text));
  if (topic !== '') {
    words.prepend(part('b', 'topic', topic), ' ');
  }
  item.append(part('time', 'time', time), part('span', 'type', type), part('code', 'id', id), words);
  return item;
}

function part(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function shortened(text) {
  return text.length <= SHOWN_CHARS_MAX ? text
    : `${text.slice(0, SHOWN_CHARS_MAX)}… and ${(text.length - SHOWN_CHARS_MAX).toLocaleString('en')} characters more`;
}
