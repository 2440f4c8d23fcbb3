// A table of prices, a row for each topic, written at most once a frame: of what changed twice in between, the newest shows.
import { INSTRUMENTS } from './market.js';
import { clock } from './words.js';

/** Anybody may publish to topics of the market. */
const ROWS_MAX = 100;
const ARROWS = { up: '▲', down: '▼', same: '–' };

export class Board {
  /** Topics and their `{last, open, time}`, as they are by what was heard. */
  quotes = new Map();
  #body;
  #changed;
  #rows = new Map();
  #waiting = new Set();
  #snapshot = null;
  #frame = 0;

  /** @param changed called after rows were written */
  constructor(body, changed) {
    this.#body = body;
    this.#changed = changed;
  }

  /** A snapshot begins: what is not in it is gone when it is whole. */
  begin() {
    this.#snapshot = new Set();
  }

  /** The snapshot that began is whole; false where none is under way. */
  end() {
    if (this.#snapshot === null) {
      return false;
    }
    for (const topic of this.quotes.keys()) {
      if (!this.#snapshot.has(topic)) {
        this.delete(topic);
      }
    }
    this.#snapshot = null;
    this.#schedule();
    return true;
  }

  /** Takes `{last, open, time}`; prices as text, so that 1.10 stays 1.10. */
  set(topic, quote) {
    if (this.quotes.size >= ROWS_MAX && !this.quotes.has(topic)) {
      return;
    }
    this.quotes.set(topic, quote);
    this.#snapshot?.add(topic);
    this.#waiting.add(topic);
    this.#schedule();
  }

  delete(topic) {
    this.quotes.delete(topic);
    this.#waiting.add(topic);
    this.#schedule();
  }

  #schedule() {
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => this.#write());
    }
  }

  #write() {
    this.#frame = 0;
    for (const topic of this.#waiting) {
      const quote = this.quotes.get(topic);
      if (quote !== undefined) {
        this.#show(topic, quote);
      } else if (this.#rows.has(topic)) {
        this.#rows.get(topic).element.remove();
        this.#rows.delete(topic);
      }
    }
    this.#waiting.clear();
    this.#changed();
  }

  #show(topic, quote) {
    const row = this.#rows.get(topic) ?? this.#add(topic);
    const moved = row.last === '' ? 'same' : way(quote.last - row.last);
    if (moved !== 'same' || row.last === '') {
      row.price.replaceChildren(tick(quote.last, moved)); // another element, so that it shows anew that it moved
    }
    row.last = quote.last;
    row.change.dataset.way = way(quote.last - quote.open);
    row.change.replaceChildren(...change(quote));
    row.time.textContent = clock(quote.time);
    row.time.dateTime = quote.time.toISOString();
  }

  #add(topic) {
    const { symbol, name } = INSTRUMENTS.get(topic) ?? { symbol: topic.slice(topic.lastIndexOf('/') + 1), name: '' };
    const element = document.createElement('tr');
    const row = {
      element, symbol, last: '', price: cell('td', 'price'), change: cell('td', 'change'), time: document.createElement('time'),
    };
    const head = cell('th', 'instrument');
    const when = cell('td', 'when');
    head.scope = 'row';
    head.append(symbol, ' ', Object.assign(document.createElement('span'), { textContent: name }));
    when.append(row.time);
    element.append(head, row.price, row.change, when);
    const next = [...this.#rows.values()].filter(each => each.symbol > symbol).sort((a, b) => (a.symbol < b.symbol ? -1 : 1))[0];
    this.#body.insertBefore(element, next?.element ?? null);
    this.#rows.set(topic, row);
    return row;
  }
}

function cell(tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}

function tick(text, moved) {
  const span = document.createElement('span');
  span.dataset.moved = moved;
  span.textContent = text;
  return span;
}

/** The change in percent, by its sign and by an arrow. */
function change({ last, open }) {
  const percent = (last - open) / open * 100;
  if (!Number.isFinite(percent)) {
    return [];
  }
  const arrow = document.createElement('span');
  arrow.ariaHidden = 'true';
  arrow.textContent = ARROWS[way(last - open)];
  const sign = percent > 0 ? '+' : percent < 0 ? '−' : '';
  return [arrow, ` ${sign}${Math.abs(percent).toFixed(2)} %`];
}

function way(difference) {
  return difference > 0 ? 'up' : difference < 0 ? 'down' : 'same';
}
