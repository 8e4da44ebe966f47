// The operator's token: asked for when a command needs it, kept for this tab alone, and sent with commands only.
import { Problem, post } from './api.js';
import { attribute, dialog, h, toast } from './dom.js';

const key = 'banyan.operations.token';
let inMemory = '';

function stored() {
  try {
    return sessionStorage.getItem(key) ?? inMemory;
  } catch {
    return inMemory;
  }
}

function store(token) {
  inMemory = token;
  try {
    if (token) sessionStorage.setItem(key, token);
    else sessionStorage.removeItem(key);
  } catch {
    /* refused: memory has it */
  }
  showState();
}

function showState() {
  const button = document.getElementById('operator');
  const known = stored() !== '';
  attribute(button, 'aria-pressed', known);
  attribute(
    button,
    'title',
    known
      ? 'The operator’s token is known to this tab. Press to forget it.'
      : 'Commands ask for the operator’s token. Press to enter it now.',
  );
}

async function ask(why) {
  const input = h('input', {
    type: 'password',
    id: 'token',
    autocomplete: 'off',
    required: true,
    spellcheck: 'false',
    autofocus: true,
    'aria-describedby': 'token-why',
  });
  const answer = await dialog(
    'Operator’s token',
    [
      h('p', { id: 'token-why', class: why.tone ?? 'quiet' }, why.text),
      h('p', {}, h('label', { for: 'token' }, 'Token'), input),
      h(
        'p',
        { class: 'quiet' },
        'It is the setting operator_token of this node. This tab keeps it until it is closed.',
      ),
    ],
    [
      { label: 'Cancel', value: '' },
      { label: 'Use it', value: 'use', primary: true },
    ],
  );
  const token = input.value.trim();
  if (answer !== 'use' || token === '') return '';
  store(token);
  return token;
}

// Sends an operator command. Asks for the token when there is none, and again when it is refused. The answer; null when
// the operator gave up. Any other refusal is thrown as `Problem`. `seconds`: the longest wait for the answer.
export async function send(path, seconds) {
  let token = stored();
  if (token === '') token = await ask({ text: 'This changes something, so it needs the operator’s token.' });
  while (token !== '') {
    try {
      return await post(path, token, seconds);
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      store('');
      token = await ask({ text: 'The node refused that token.', tone: 'refused' });
    }
  }
  return null;
}

// The same, and shows how it ended. The answer, or null.
export async function command(path, done) {
  try {
    const answer = await send(path);
    if (answer) toast(done(answer));
    return answer;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    toast(problem.text, 'bad');
    return null;
  }
}

export function installOperatorButton() {
  document.getElementById('operator').addEventListener('click', async () => {
    if (stored() !== '') {
      store('');
      toast('The token is forgotten.');
    } else await ask({ text: 'It is checked when the first command is sent.' });
  });
  showState();
}
