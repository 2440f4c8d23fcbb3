// Demo: a price board that is whole at once, since it begins with the newest price of each instrument.
import { Board } from './board.js';
import { shellWord, showCode } from './code.js';
import { topicPath } from './hub.js';
import { INSTRUMENTS, MARKET, Market, listing } from './market.js';
import { forget, publish } from './publish.js';
import { Stream } from './stream.js';
import { clock, plural } from './words.js';

const FILTER = `${MARKET}/*`;
/** The same as an address. The envelope says of which topic a price is, and when it was published. */
const URL = `${topicPath(MARKET)}/*?since=current&format=envelope`;
const ANEW_MILLIS = 1000;
const NOTES_MAX = 3;

export function prices(section) {
  const part = selector => section.querySelector(selector);
  const form = part('form');
  const instrument = form.elements.instrument;
  const listed = part('[data-do=list]');
  const notes = part('.board-notes ol');
  const trade = part('[data-do=trade]');
  const board = new Board(part('tbody'), count);
  const market = new Market(board.quotes, part('.answer'), open => {
    trade.textContent = open ? 'Close the market' : 'Open the market';
    trade.dataset.open = open;
    rest();
  });
  const stream = new Stream(part('.state'), { event: price, deleted, current, snapshot, note });
  let anew = 0;

  function price({ event: { topic, time, data } }) {
    if (Number(data?.last) > 0) {
      board.set(topic, { last: String(data.last), open: String(data.open ?? ''), time: new Date(time) });
    }
  }

  function deleted({ topic }) {
    board.delete(topic);
  }

  function snapshot() {
    board.begin();
  }

  function open() {
    clearTimeout(anew);
    board.begin();
    stream.open([FILTER], { since: 'current' });
  }

  function current(id) {
    if (board.end()) {
      part('.board').dataset.whole = true;
      part('.as-of').textContent = `As of ${clock(new Date())}, id ${id}: ${plural(board.quotes.size, 'instrument')}; live since then.`;
    }
  }

  /** What cannot be read may be that something was delisted: only a snapshot says so. After other gaps the client has one by itself. */
  function note({ kind, text, reason }) {
    const line = document.createElement('li');
    line.dataset.kind = kind;
    line.textContent = `${clock(new Date())} ${text}`;
    notes.append(line);
    while (notes.childElementCount > NOTES_MAX) {
      notes.firstElementChild.remove();
    }
    if (kind === 'gap' && reason === 'damage') {
      clearTimeout(anew);
      anew = setTimeout(open, ANEW_MILLIS);
    }
  }

  function count() {
    part('.count').textContent = plural(board.quotes.size, 'instrument');
    part('.board').dataset.empty = board.quotes.size === 0;
    offer();
  }

  /** What the button does to the instrument that is chosen. */
  function offer() {
    listed.textContent = board.quotes.has(instrument.value) ? 'Delist' : 'List';
  }

  function leave() {
    clearTimeout(anew);
    stream.close();
  }

  /** Nobody sees the tab, but others may be looking; and a market that did not hear what is delisted would list it again. */
  function rest() {
    if (document.hidden && trade.dataset.open !== 'true') {
      leave();
    }
  }

  instrument.append(...[...INSTRUMENTS].map(([topic, { symbol }]) => new Option(symbol, topic)));
  instrument.value = `${MARKET}/eurusd`;
  instrument.addEventListener('change', () => {
    offer();
    explain(section, instrument.value);
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    const topic = instrument.value;
    if (board.quotes.has(topic)) {
      forget(topicPath(topic), part('.answer'));
    } else {
      publish(topicPath(topic), JSON.stringify(listing(topic).data), part('.answer'));
    }
  });
  trade.addEventListener('click', () => {
    if (trade.dataset.open === 'true') {
      market.close();
    } else {
      market.open();
    }
  });
  explain(section, instrument.value);

  open();
  return {
    enter: () => stream.resume(),
    leave() {
      market.close();
      leave();
    },
    rest,
  };
}

function explain(section, topic) {
  const url = topicPath(topic);
  const data = JSON.stringify(listing(topic).data);
  showCode(section.querySelector('.code'), [
    { title: 'The board, in a page', language: 'js', text: `const board = new Map();
const source = new EventSource(
  '${URL}');
// a snapshot begins
for (const type of ['hark.open', 'hark.gap'])
  source.addEventListener(type, event => {
    if (event.lastEventId.endsWith('.0'))
      board.clear();
  });
source.onmessage = event => {
  const { topic, data } = JSON.parse(event.data);
  board.set(topic, data);
};
source.addEventListener('hark.deleted', event =>
  board.delete(JSON.parse(event.data).topic));
// whole, and live from here on
source.addEventListener('hark.position', () =>
  show(board));` },
    { title: 'Delist, in a page', language: 'js', text: `await fetch('${url}', {
  method: 'DELETE',
});` },
    { title: 'The same in a shell', language: 'sh', text: `curl -N ${shellWord(location.origin + URL)}
curl -d ${shellWord(data)} ${location.origin}${url}
curl -X DELETE ${location.origin}${url}` },
    { title: 'What makes it work, in application.yaml', language: 'sh', text: `# as it is by default
topics:
  - match: prices/**
    overflow: conflate
    keep: {age: 1h, latest: true}
  - match: "**"` },
  ]);
}
