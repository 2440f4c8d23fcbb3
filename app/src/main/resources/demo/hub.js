// Where the hub is: the folder above this page, wherever a proxy in front has put the two.

const HUB = new URL('..', document.baseURI);

/** The path of what is at `relative` to the hub, such as `events?topic=news`. */
export function hubPath(relative) {
  return `${HUB.pathname}${relative}`;
}

/** The path of a topic, or null where a URL cannot say it: browsers resolve the segments `.` and `..` before they send. */
export function topicPath(topic) {
  const segments = topic.split('/');
  return segments.some(segment => segment === '.' || segment === '..') ? null
    : hubPath(`topics/${segments.map(encodeURIComponent).join('/')}`);
}
