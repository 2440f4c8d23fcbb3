// An event stream taken apart as WHATWG HTML, section 9.2.6, says. EventSource does the same, but hands over only the types that one
// knows by name, and gives up for good on any answer but 200.

/** Yields `{type, id, data, retry}` for each block of `body`; `data` is null in one that is no event, the others are undefined where not said. */
export async function* blocks(body) {
  let block = {};
  let data = null;
  for await (const line of lines(body)) {
    if (line === '') {
      yield { ...block, data };
      block = {};
      data = null;
      continue;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (name === 'data') {
      data = data === null ? value : `${data}\n${value}`;
    } else if (name === 'event') {
      block.type = value;
    } else if (name === 'id' && !value.includes('\0')) {
      block.id = value;
    } else if (name === 'retry' && /^\d+$/.test(value)) {
      block.retry = Number(value);
    }
  }
}

async function* lines(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let afterReturn = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return; // what no line end closed is no line
    }
    let text = decoder.decode(value, { stream: true });
    if (afterReturn && text !== '') {
      text = text.startsWith('\n') ? text.slice(1) : text;
      afterReturn = false;
    }
    afterReturn ||= text.endsWith('\r');
    const parts = (rest + text).split(/\r\n|\r|\n/);
    rest = parts.pop();
    yield* parts;
  }
}
