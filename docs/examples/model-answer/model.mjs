// Stands for a language model: it says the same to every question, a piece at a time, as their libraries do. Put yours here.
import { setTimeout as sleep } from 'node:timers/promises';

export const ANSWER = 'Because nobody has to ask. With polling, a page asks every few seconds whether there is something new, and mostly '
  + 'there is not: 10 requests for 1 answer, and still it hears of a change only when it asks the next time. With push, the server '
  + 'says it at once, and nothing at all while nothing happens.\n\nWhat was said while a page was away is not lost either, if what '
  + 'pushes keeps a log: the page says what it heard last, and goes on from there.';

/** @param millis how long each piece takes */
export async function* answer(question, millis = 60) {
  for (const piece of ANSWER.match(/\s*\S{1,6}/g)) {
    await sleep(millis);
    yield piece;
  }
}
