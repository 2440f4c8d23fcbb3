// Asks a model, and publishes its answer piece by piece on a topic of its own, which ends with it. Node 20, no packages.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './model.mjs';

const { PORT = 8001, HUB = 'http://127.0.0.1:8080', KEY_FILE = '../service.key', STYLE = '../plain-page/style.css' } = process.env;
const KEY = readFileSync(KEY_FILE, 'utf8').split('\n')[0];
const ATTEMPTS = 8;
const FILES = { '/': ['index.html', 'text/html'], '/page.js': ['page.js', 'text/javascript'], '/style.css': [STYLE, 'text/css'] };

/** One event for each piece; the last one ends the topic. */
async function write(id, question) {
  let number = 0;
  const say = (data, query = '') => publish(`answers/${id}${query}`, data, `${id}-${number++}`);
  try {
    for await (const text of answer(question)) {
      await say({ text }); // in JSON: of itself ' 42' would reach the page as a number
    }
    await say({}, '?end=true&type=done');
  } catch (e) {
    console.error(`the answer ${id} broke off: ${e.message}`);
    await say({ why: 'the model or the hub is away' }, '?end=true&type=failed').catch(() => {}); // then nobody hears of it
  }
}

/** As in ../node-service: what the hub has already under this key, it does not store again. */
async function publish(target, data, key) {
  const headers = { Authorization: `Bearer ${KEY}`, 'Idempotency-Key': key };
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`${HUB}/topics/${target}`, {
      method: 'POST', body: JSON.stringify(data), headers, signal: AbortSignal.timeout(5000),
    }).catch(e => ({ status: 503, text: () => e.cause?.message ?? e.message }));
    if (answer.ok) {
      return;
    }
    if (attempt === ATTEMPTS || (answer.status < 500 && answer.status !== 429)) {
      throw new Error(`the hub answered ${answer.status}: ${await answer.text()}`);
    }
    await sleep((Number(answer.headers?.get('Retry-After')) || 0.1 * 2 ** attempt) * 1000);
  }
}

async function body(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += text.length > 10_000 ? '' : part; // cut, it is no JSON
  }
  return JSON.parse(text) ?? {};
}

createServer(async (request, response) => {
  const [file, type] = FILES[request.url] ?? [];
  if (request.method === 'GET' && file) {
    response.writeHead(200, {
      'Content-Type': `${type};charset=utf-8`, 'Cache-Control': 'no-cache',
      'Content-Security-Policy': `default-src 'self'; script-src 'self' ${HUB}; connect-src 'self' ${HUB}; img-src data:`,
    }).end(readFileSync(file));
  } else if (request.method === 'GET' && request.url === '/hub') {
    response.end(HUB);
  } else if (request.method === 'POST' && request.url === '/answers') {
    const { question } = await body(request).catch(() => ({}));
    if (typeof question !== 'string' || question === '') {
      response.writeHead(400).end('question is some text\n');
      return;
    }
    const id = randomUUID(); // nobody guesses it, so whoever has it may read
    void write(id, question);
    response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify({ id }));
  } else {
    response.writeHead(404).end('nothing is here\n');
  }
}).listen(PORT, '127.0.0.1', () => console.log(`the page is at http://127.0.0.1:${PORT}/`));
