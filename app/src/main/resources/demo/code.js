// The few lines that do what a demo does, coloured, with a button that copies them.

const TOKENS = {
  js: /(?<comment>\/\/.*)|(?<string>'(?:\\.|[^'\\\n])*'|`[^`]*`)|(?<word>\b(?:const|new|await|for|let)\b)/g,
  sh: /(?<comment>^#.*)|(?<string>'[^']*'(?:\\''[^']*')*)|(?<word>^curl\b| -\w+)/gm,
};
const COPIED_MILLIS = 1500;

/** Shows `snippets`, each `{title, language, text}`, in place of what was there. */
export function showCode(aside, snippets) {
  aside.replaceChildren(...snippets.map(figure));
}

/** A word that a shell takes as it is, in quotes only where it needs them. */
export function shellWord(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll('\'', String.raw`'\''`)}'`;
}

/** A JavaScript string literal. */
export function jsString(text) {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('\'', '\\\'')}'`;
}

function figure({ title, language, text }) {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const button = document.createElement('button');
  const pre = document.createElement('pre');
  caption.append(title, button);
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', `Copy: ${title}`);
  button.addEventListener('click', () => copy(text, pre, button));
  pre.append(...coloured(text, TOKENS[language]));
  figure.append(caption, pre);
  return figure;
}

function coloured(text, tokens) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(tokens)) {
    const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    const span = document.createElement('span');
    span.className = kind;
    span.textContent = match[0];
    parts.push(text.slice(from, match.index), span);
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

/** Outside localhost and https there is no clipboard; then the text is selected, ready for the keyboard. */
async function copy(text, pre, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(pre);
    button.textContent = 'Selected';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, COPIED_MILLIS);
}
