// Reads one base64 block a line; answers with one line for each: type, id and data of every event in it, in base64, and how many retries and comments.
import { createInterface } from 'node:readline';
import { createParser } from 'eventsource-parser';

const base64 = (text) => Buffer.from(text ?? '', 'utf8').toString('base64') || '-';

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const answer = [];
  let others = 0;
  const parser = createParser({
    onEvent: (event) => answer.push(base64(event.event ?? 'message'), base64(event.id), base64(event.data)),
    onRetry: () => others++,
    onComment: () => others++,
    onError: () => others++,
  });
  parser.feed(Buffer.from(line, 'base64').toString('utf8'));
  console.log([others, ...answer].join(' '));
}
