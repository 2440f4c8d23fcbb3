import { Injectable, computed, signal } from '@angular/core';
import { type Hub, type Status, connect } from 'hark-client';

/** What a notification has in it: the service says so. */
interface Shipped {
  order: number;
  text: string;
}

export interface Item {
  id: string;
  text: string;
  time: string | number;
  isNote: boolean;
}

/** What one user is told, the newest first, and how the connection is. */
@Injectable({ providedIn: 'root' })
export class Notifications {
  private hub?: Hub;
  private readonly status = signal<Partial<Status>>({ state: 'idle' });
  private readonly list = signal<Item[]>([]);

  readonly items = this.list.asReadonly();
  readonly state = computed(() => this.status().state);
  readonly described = computed(() => {
    const { state, reason, retryMillis } = this.status();
    switch (state) {
      case 'open': return 'Listening';
      case 'waiting': return `Cut off (${reason}), again in ${Math.ceil((retryMillis ?? 0) / 1000)} s`;
      default: return 'Connecting';
    }
  });

  listen(user: string, url: string): void {
    this.hub?.close();
    this.list.set([]);
    this.hub = connect(url, { token, onState: status => this.status.set(status) });
    this.hub.subscribe<Shipped>(`users/${user}/**`, ({ id, time, data }) => this.add({ id, time, text: data.text, isNote: false }), {
      last: 20, // what came while the page was not open
      onGap: gap => this.note(`Some notifications are missing here (${gap.reason}).`),
      onError: refused => this.note(`The hub refuses: ${refused.detail}.`),
    });
  }

  private note(text: string): void {
    this.add({ id: crypto.randomUUID(), time: Date.now(), text, isNote: true });
  }

  private add(item: Item): void {
    this.list.update(before => [item, ...before]);
  }
}

/** Asked for whenever the connection needs one: at first, before one ends, and where one is refused. */
async function token(): Promise<string> {
  const answer = await fetch('/token');
  if (!answer.ok) {
    throw new Error(`the service answered ${answer.status}`);
  }
  return answer.text();
}
