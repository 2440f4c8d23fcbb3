// The chip that says in words and colour what a stream is doing.

const WORDS = {
  connecting: 'connecting',
  open: 'open',
  reconnecting: 'reconnecting',
  closed: 'closed',
  refused: 'closed: refused',
};

export function showState(chip, state, reconnects) {
  const times = reconnects === 0 ? '' : ` · reconnected ${reconnects}×`;
  chip.dataset.state = state;
  chip.textContent = WORDS[state] + times;
}
