// The types of hark.js. docs/clients.md says how it is used.

/** An event, as it was published. Types named by `hark.` never come here. */
export interface HarkEvent<T = unknown> {
  topic: string;
  id: string;
  /** `message` where none was given. */
  type: string;
  key: string | null;
  /** When the log stored it: RFC 3339, UTC. */
  time: string;
  /** Parsed where the event's data is JSON other than a string; a string otherwise. */
  data: T;
}

/** Events are missing before what comes next. */
export interface Gap {
  reason: 'overflow' | 'retention' | 'damage' | 'reset' | 'unknown-id' | (string & {});
  after: string | null;
  resumedAt: string;
  dropped: number | null;
  /** A new snapshot follows: forget what you had. Only with `since: 'current'`. */
  snapshot: boolean;
}

/** The newest event of a topic and key was taken back. */
export interface Deleted {
  topic: string;
  key: string | null;
  id: string;
}

/** Why a subscription is over: asking again would change nothing. */
export interface Refused {
  filter: string;
  status: number;
  detail: string;
}

export interface SubscribeOptions {
  /** `latest` (default), `earliest`, `current`, an id, or a time back such as `10m`. */
  since?: string;
  /** Begin with so many of the newest events of its own filter instead. */
  last?: number;
  onGap?(gap: Gap): void;
  onDeleted?(deleted: Deleted): void;
  /** The snapshot of `since: 'current'` is whole, as of `id`; what follows is live. */
  onCurrent?(id: string): void;
  /** The topic has ended, and the subscription with it. */
  onEnd?(): void;
  /** The hub refuses the subscription for good. Without this the console is told. */
  onError?(refused: Refused): void;
}

export interface Status {
  /** `idle`: nobody subscribes. `waiting`: until the next attempt, in `retryMillis`. */
  state: 'idle' | 'connecting' | 'open' | 'waiting' | 'paused' | 'closed';
  /** `poll` where a proxy in between keeps streams back. */
  transport: 'stream' | 'poll';
  /** Whether other tabs use the same connection. */
  shared: boolean;
  /** What ended the last connection: a reason of `hark.close`, or `lost`, `silent`, `refused`, `token`. */
  reason?: string;
  retryMillis?: number;
  /** `status` is 0 where there was no answer. */
  error?: { status: number; detail: string };
}

type Given = string | (() => string | Promise<string>);

export interface ConnectOptions {
  /** A token or a key; a function is asked again when one ends or is refused. */
  token?: Given;
  /** Instead of a token: asked for a ticket of `POST /tickets` with each request. */
  ticket?: () => string | Promise<string>;
  /** One connection for all tabs; a text keeps those apart whose rights differ. */
  share?: boolean | string;
  /** `pause`: as with `pause()` while the page is hidden, and all of it afterwards. */
  hidden?: 'pause';
  /** As of `fetch`; `include` sends cookies to another origin. */
  credentials?: 'omit' | 'same-origin' | 'include';
  onState?(status: Status): void;
  /** Where this module is on the page's own origin, for `share`, if it was bundled. */
  worker?: string | URL;
}

export interface Hub {
  readonly status: Status;
  /** Returns what ends the subscription. Throws where the hub was closed. */
  subscribe<T = unknown>(filter: string, onEvent: (event: HarkEvent<T>) => void, options?: SubscribeOptions): () => void;
  pause(): void;
  /** Goes on behind what was heard last. */
  resume(): void;
  /** For good. */
  close(): void;
}

export function connect(url: string | URL, options?: ConnectOptions): Hub;

/** Whether a topic filter matches a topic, as the hub has it. */
export function matches(filter: string, topic: string): boolean;
