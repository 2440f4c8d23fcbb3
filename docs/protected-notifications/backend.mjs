// The application's own server: it knows who is logged in, and lets everybody hear their own notifications. Node 18 or newer, no packages.
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const PORT = Number(process.env.PORT ?? 8000);
const HUB = process.env.HUB ?? 'http://127.0.0.1:8080';
const TOKEN_SECONDS = Number(process.env.TOKEN_SECONDS ?? 300);
const SECRET = readFileSync('app.secret', 'utf8').trim();
const KEY = readFileSync('backend.key', 'utf8').split('\n')[0];
const BODY_MAX = 10_000;
const HUB_MILLIS = 5_000;

const USERS = ['alice', 'bob'];
const sessions = new Map(); // random ids, and who is logged in; until the process ends

const FILES = {
  '/': ['index.html', 'text/html'], '/page.js': ['page.js', 'text/javascript'],
  '/style.css': ['style.css', 'text/css'], '/icon.svg': ['icon.svg', 'image/svg+xml'],
};
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ${HUB}; `
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const OPEN = ['/me', '/login'];
const routes = {
  // Put your own login here: this one believes everybody. Over https add `; Secure` to the cookie.
  'POST /login': async (user, request) => {
    const { user: name } = await body(request);
    if (!USERS.includes(name)) {
      return [400, { error: `the users are ${USERS.join(' and ')}` }];
    }
    const id = randomBytes(32).toString('base64url');
    sessions.set(id, name);
    return [200, { user: name }, { 'Set-Cookie': `session=${id}; HttpOnly; SameSite=Strict; Path=/` }];
  },
  'POST /logout': async (user, request) => {
    sessions.delete(sessionId(request));
    return [200, {}, { 'Set-Cookie': 'session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0' }];
  },
  'GET /me': async user => [200, { user: user ?? null, hub: HUB, users: USERS }],
  // The token goes no further than from here to the hub. What the page is given is good for one stream.
  'POST /ticket': async user => {
    const answer = await hub('/tickets', token(user));
    return answer.ok ? [200, await answer.json()] : refused(answer, [401, 403]);
  },
  'POST /notify': async (user, request) => {
    const { to, text } = await body(request);
    if (!USERS.includes(to) || typeof text !== 'string' || text === '') {
      return [400, { error: `to is ${USERS.join(' or ')}, and text some text` }];
    }
    const data = JSON.stringify({ from: user, text, at: new Date().toISOString() });
    const answer = await hub(`/topics/users/${encodeURIComponent(to)}/notifications`, KEY, data);
    return answer.ok ? [200, {}] : refused(answer, []);
  },
};

/** A JSON Web Token (RFC 7519) that says to the hub who this is: its rights follow from `sub`, by the hub's configuration. */
function token(user) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'app', aud: 'hark', sub: user, jti: randomUUID(), iat: now, exp: now + TOKEN_SECONDS };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

function hub(path, credential, text) {
  return fetch(HUB + path, {
    method: 'POST', body: text, headers: { Authorization: `Bearer ${credential}` }, signal: AbortSignal.timeout(HUB_MILLIS),
  });
}

/** 403 is final, and the page asks no more; 502 may pass. Why stands in the hub's log, under the `instance` of its answer. */
async function refused(answer, final) {
  console.error(`the hub answered ${answer.status}: ${(await answer.text()).trim()}`);
  return final.includes(answer.status) ? [403, { error: 'the hub lets this user in no more' }] : [502, { error: 'the hub refused' }];
}

async function body(request) {
  let text = '';
  request.setEncoding('utf8');
  for await (const part of request) {
    text += text.length > BODY_MAX ? '' : part; // cut, it is no JSON
  }
  return JSON.parse(text) ?? {};
}

const sessionId = request => /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];

async function answer(request) {
  if (request.method === 'POST' && !['same-origin', undefined].includes(request.headers['sec-fetch-site'])) {
    return [403, { error: 'a page of another origin' }]; // of another port too, whose pages the cookie would come with
  }
  const route = routes[`${request.method} ${request.url}`] ?? (() => [404, { error: 'nothing is here' }]);
  const user = sessions.get(sessionId(request));
  return user === undefined && !OPEN.includes(request.url) ? [401, { error: 'nobody is logged in' }] : route(user, request);
}

/** The browser client that the hub has; kept once it was had. Served from here, so that the page loads scripts of its own origin alone. */
let client;
async function harkJs() {
  if (client === undefined) {
    const answer = await fetch(`${HUB}/client/hark.js`, { signal: AbortSignal.timeout(HUB_MILLIS) });
    client = answer.ok ? await answer.text() : undefined;
  }
  return client ?? null;
}

createServer(async (request, response) => {
  if (request.method === 'GET' && request.url === '/hark.js') {
    const script = await harkJs().catch(() => null);
    response.writeHead(script === null ? 502 : 200, { ...HEADERS, 'Content-Type': 'text/javascript;charset=utf-8' }).end(script ?? '');
    return;
  }
  const file = request.method === 'GET' ? FILES[request.url] : undefined;
  if (file !== undefined) {
    response.writeHead(200, { ...HEADERS, 'Content-Type': `${file[1]};charset=utf-8` }).end(readFileSync(`page/${file[0]}`));
    return;
  }
  const [status, json, more] = await answer(request).catch(e => [e instanceof SyntaxError ? 400 : 502, { error: e.message }]);
  response.writeHead(status, { ...HEADERS, ...more, 'Content-Type': 'application/json' }).end(`${JSON.stringify(json)}\n`);
}).listen(PORT, '127.0.0.1', () => console.log(`the page is at http://127.0.0.1:${PORT}/`));
