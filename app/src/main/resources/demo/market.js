// A market that is made up: what is traded, and how its prices move while somebody has it open.
import { publishMany } from './publish.js';

/** The topics of all prices begin with it. */
export const MARKET = 'prices/demo';

/** Symbol, name, and the price to begin with, as precise as all that follow. */
export const INSTRUMENTS = new Map([
  ['AUD/JPY', 'Australian dollar, yen', '97.42'],
  ['AUD/USD', 'Australian dollar, US dollar', '0.6512'],
  ['CHF/JPY', 'Swiss franc, yen', '172.85'],
  ['EUR/AUD', 'Euro, Australian dollar', '1.6641'],
  ['EUR/CHF', 'Euro, Swiss franc', '0.9364'],
  ['EUR/CZK', 'Euro, Czech koruna', '25.105'],
  ['EUR/GBP', 'Euro, pound sterling', '0.8571'],
  ['EUR/HUF', 'Euro, forint', '389.40'],
  ['EUR/JPY', 'Euro, yen', '161.84'],
  ['EUR/NOK', 'Euro, Norwegian krone', '11.482'],
  ['EUR/PLN', 'Euro, zloty', '4.2815'],
  ['EUR/SEK', 'Euro, Swedish krona', '11.236'],
  ['EUR/USD', 'Euro, US dollar', '1.0842'],
  ['GBP/CHF', 'Pound sterling, Swiss franc', '1.0925'],
  ['GBP/JPY', 'Pound sterling, yen', '188.83'],
  ['GBP/USD', 'Pound sterling, US dollar', '1.2650'],
  ['NZD/USD', 'New Zealand dollar, US dollar', '0.6014'],
  ['USD/CAD', 'US dollar, Canadian dollar', '1.3572'],
  ['USD/CHF', 'US dollar, Swiss franc', '0.8636'],
  ['USD/JPY', 'US dollar, yen', '149.28'],
  ['USD/MXN', 'US dollar, Mexican peso', '17.085'],
  ['USD/ZAR', 'US dollar, rand', '18.724'],
  ['XAG/USD', 'Silver, an ounce', '24.36'],
  ['XAU/USD', 'Gold, an ounce', '2041.50'],
].map(([symbol, name, opening]) => [topicOf(symbol), { symbol, name, opening }]));

const TICK_MILLIS = 400;
const MOVES = 3;
/** Of the price, in one step. */
const LARGEST_MOVE = 0.0008;
/** Nobody may be looking any more: a tab that was left open does not publish for ever. */
const DAY_MILLIS = 5 * 60 * 1000;

/** Publishes changes of the prices that `quotes` has, a few at a time. Open until it is closed, a publish fails, or its day is over. */
export class Market {
  #quotes;
  #output;
  #changed;
  #timer = 0;
  #closesAt = 0;
  #opened = 0;

  /**
   * @param quotes  a Map of topics and what is quoted, `{last, open}`
   * @param output  where it is said why a publish failed
   * @param changed called with true when it opens, with false when it closes
   */
  constructor(quotes, output, changed) {
    this.#quotes = quotes;
    this.#output = output;
    this.#changed = changed;
  }

  /** Lists everything first where nothing is listed. */
  async open() {
    const run = ++this.#opened;
    this.#closesAt = Date.now() + DAY_MILLIS;
    this.#changed(true);
    const listings = this.#quotes.size === 0 ? [...INSTRUMENTS.keys()].map(listing) : [];
    if (listings.length === 0 || await publishMany(listings, this.#output)) {
      this.#later(run);
    } else {
      this.#end(run);
    }
  }

  close() {
    this.#end(this.#opened);
  }

  #end(run) {
    if (run === this.#opened) {
      clearTimeout(this.#timer);
      this.#opened++;
      this.#changed(false);
    }
  }

  #later(run) {
    if (run === this.#opened) {
      this.#timer = setTimeout(() => this.#trade(run), TICK_MILLIS);
    }
  }

  async #trade(run) {
    const listed = [...this.#quotes].filter(([topic]) => INSTRUMENTS.has(topic));
    const moved = Array.from({ length: Math.min(MOVES, listed.length) }, () => {
      const [[topic, quote]] = listed.splice(Math.floor(Math.random() * listed.length), 1);
      return { topic, data: { last: moveOf(topic, Number(quote.last)), open: quote.open } };
    });
    const over = Date.now() >= this.#closesAt;
    if (!over && (moved.length === 0 || await publishMany(moved, this.#output))) {
      this.#later(run);
    } else {
      this.#end(run);
    }
  }
}

/** The event that lists the instrument of `topic`, at the price that all begin with. */
export function listing(topic) {
  const { opening } = INSTRUMENTS.get(topic);
  return { topic, data: { last: opening, open: opening } };
}

function topicOf(symbol) {
  return `${MARKET}/${symbol.replace('/', '').toLowerCase()}`;
}

function moveOf(topic, last) {
  const { opening } = INSTRUMENTS.get(topic);
  const digits = opening.length - opening.indexOf('.') - 1;
  const step = Math.max(10 ** -digits, last * LARGEST_MOVE * Math.random());
  const up = Math.random() < 0.5 || last <= step;
  return (last + (up ? step : -step)).toFixed(digits);
}
