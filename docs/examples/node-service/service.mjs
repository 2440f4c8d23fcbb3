// A shop: it knows who is logged in, gives their page a token for the hub, and publishes what happens to orders. Node 20, no packages.
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PAGE = process.argv[2] ?? '../plain-page';
const { PORT = 8000, HUB = 'http://127.0.0.1:8080', SECRET_FILE = '../app.secret', KEY_FILE = '../service.key' } = process.env;
const SECRET = readFileSync(SECRET_FILE, 'utf8').trim();
const KEY = readFileSync(KEY_FILE, 'utf8').split('\n')[0];
const TOKEN_SECONDS = 300;
const ATTEMPTS = 8;

const USERS = ['alice', 'bob'];
const sessions = new Map(); // random ids, and who is logged in; until the process ends
const orders = new Map(Array.from({ length: 100 }, (_, i) => [`${i + 1}`, { user: USERS[i % 2], state: 'paid' }]));

const routes = {
  // Put your own login here: this one believes everybody. Over https add `; Secure` to the cookie.
  'POST /login': async (user, request) => {
    const { user: name } = await body(request);
    if (!USERS.includes(name)) {
      return [400, { error: `the users are ${USERS.join(' and ')}` }];
    }
    const session = randomBytes(32).toString('base64url');
    sessions.set(session, name);
    return [200, {}, { 'Set-Cookie': `session=${session}; HttpOnly; SameSite=Strict; Path=/` }];
  },
  'GET /me': async user => [200, { user: user ?? null, hub: HUB }],
  'GET /token': async user => (user ? [200, token(user)] : [401, { error: 'nobody is logged in' }]),
  'POST /orders/:id/ship': async (user, request, id) => {
    const order = orders.get(id);
    if (!order) {
      return [404, { error: `there is no order ${id}` }];
    }
    order.state = 'shipped';
    // The key says what happened, not when it was tried: whoever ships again publishes nothing new.
    await publish(`users/${order.user}/notifications`, { order: Number(id), text: `Order ${id} is on its way.` }, `order-${id}-shipped`);
    return [200, { order: Number(id), ...order }];
  },
};

/** Publishes exactly once, however often it has to ask: what the hub has already under this key, it does not store again. */
async function publish(topic, data, key) {
  const headers = { Authorization: `Bearer ${KEY}`, 'Idempotency-Key': key };
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`${HUB}/topics/${topic}`, {
      method: 'POST', body: JSON.stringify(data), headers, signal: AbortSignal.timeout(5000),
    }).catch(e => ({ status: 503, text: () => e.cause?.message ?? e.message }));
    if (answer.ok) {
      return answer.json();
    }
    const why = `the hub answered ${answer.status}: ${await answer.text()}`;
    if (attempt === ATTEMPTS || (answer.status < 500 && answer.status !== 429)) {
      throw new Error(why);
    }
    await sleep((Number(answer.headers?.get('Retry-After')) || 0.1 * 2 ** attempt) * 1000);
  }
}

/** A JSON Web Token that says to the hub who this is: what they may hear follows from `sub`, by the hub's configuration. */
function token(user) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'shop', aud: 'hark', sub: user, iat: now, exp: now + TOKEN_SECONDS };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

async function body(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += text.length > 1000 ? '' : part; // cut, it is no JSON
  }
  return JSON.parse(text) ?? {};
}

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const files = new Map(readdirSync(PAGE, { recursive: true })
  .filter(name => TYPES[extname(name)])
  .map(name => [`/${name.split(sep).join('/')}`, join(PAGE, name)]));
files.set('/', files.get('/index.html'));

createServer(async (request, response) => {
  const file = request.method === 'GET' && files.get(request.url);
  if (file) {
    response.writeHead(200, {
      'Content-Type': `${TYPES[extname(file)]};charset=utf-8`, 'Cache-Control': 'no-cache',
      'Content-Security-Policy': `default-src 'self'; script-src 'self' ${HUB}; connect-src 'self' ${HUB}; img-src 'self' data:`,
    }).end(readFileSync(file));
    return;
  }
  const [, id] = /^\/orders\/(\d+)\/ship$/.exec(request.url) ?? [];
  const route = routes[`${request.method} ${id ? '/orders/:id/ship' : request.url}`] ?? (async () => [404, { error: 'nothing is here' }]);
  const user = sessions.get(/(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? '')?.[1]);
  const [status, answer, more] = await route(user, request, id).catch(e => [e instanceof SyntaxError ? 400 : 502, { error: e.message }]);
  response.writeHead(status, { ...more, 'Cache-Control': 'no-store' }).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
}).listen(PORT, '127.0.0.1', () => console.log(`the page is at http://127.0.0.1:${PORT}/`));
