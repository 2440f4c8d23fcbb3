// The page's way in: shows the demo that the address names, and lets only that one hold streams.
import { broadcast } from './broadcast.js';
import { consoleDemo } from './console.js';
import { notify } from './notify.js';
import { prices } from './prices.js';
import { ten } from './ten.js';

const DEMOS = { broadcast, ten, console: consoleDemo, notify, prices };
const FIRST = 'broadcast';
const REST_MILLIS = 2000;

const running = new Map();
let shown = '';
let resting = 0;

function show(focus) {
  const named = location.hash.slice(1);
  if (named === 'demos') {
    return; // the skip link: the demo stays
  }
  const name = Object.hasOwn(DEMOS, named) ? named : FIRST;
  if (name === shown) {
    return;
  }
  if (shown !== '') {
    running.get(shown).leave();
    document.getElementById(shown).hidden = true;
  }
  shown = name;
  const section = document.getElementById(name);
  section.hidden = false;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${name}`) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  }
  const title = section.querySelector('h2');
  document.title = `Hark: ${title.textContent}`;
  if (running.has(name)) {
    running.get(name).enter();
  } else {
    running.set(name, DEMOS[name](section));
  }
  if (focus) {
    title.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

/** A tab that nobody sees gives its connections back, of which the browser has six for all tabs; it takes up where it was left. */
function rest() {
  clearTimeout(resting);
  if (document.hidden) {
    resting = setTimeout(() => running.get(shown).rest?.(), REST_MILLIS);
  } else {
    running.get(shown).enter();
  }
}

addEventListener('hashchange', () => show(true));
document.addEventListener('visibilitychange', rest);
show(false);
if (document.hidden) {
  rest();
}
