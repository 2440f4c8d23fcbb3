// Shows one answer while it is written. Its number stands in the page's address, so any tab finds it again, from its first word.
const part = id => document.getElementById(id);
const hubUrl = await (await fetch('/hub')).text();
const { connect } = await import(`${hubUrl}/client/hark.js`);
let hub = null;

function read(id) {
  hub?.close();
  part('answer').textContent = '';
  part('state').hidden = part('hint').hidden = false;
  hub = connect(hubUrl, { onState: ({ state }) => say(state === 'waiting' ? 'Cut off' : 'Writing', state) });
  hub.subscribe(`answers/${id}`, ({ type, data }) => {
    if (type === 'failed') {
      part('answer').append(` (It broke off: ${data.why}.)`);
    } else if (type === 'message') {
      part('answer').append(data.text);
    }
  }, {
    since: 'earliest', // from the first word, whenever this tab was opened
    onGap: gap => part('answer').append(` (Something is missing here: ${gap.reason}.) `),
    onEnd: () => {
      hub.close();
      say('Whole', 'open');
    },
  });
}

function say(text, name) {
  part('state').textContent = text;
  part('state').className = name;
}

part('ask').addEventListener('submit', async event => {
  event.preventDefault();
  const answer = await fetch('/answers', { method: 'POST', body: JSON.stringify({ question: part('question').value }) });
  location.hash = (await answer.json()).id;
});

const open = () => location.hash && read(location.hash.slice(1));
addEventListener('hashchange', open);
open();
part('ask').querySelector('button').disabled = false;
