// Sagas: what each waits for and since when, and of one its turns, what would be undone, and what an operator can do.
import { get, path } from './api.js';
import { attribute, chip, dialog, emptyState, h, notKnown, say, setChip, table } from './dom.js';
import { ago, count, moment, plural } from './format.js';
import { plan } from './plan.js';
import { total } from './rates.js';
import { command } from './token.js';

export const id = 'sagas';
export const title = 'Sagas';

const pageSize = 100;
const every_ms = 2000; // between two looks at the node
const states = ['running', 'settling', 'undoing', 'attention', 'blocked', 'ended', 'done', 'undone', 'abandoned'];
const tones = {
  running: 'good',
  settling: 'info',
  undoing: 'warn',
  attention: 'bad',
  blocked: 'bad',
  done: 'quiet',
  undone: 'quiet',
  abandoned: 'quiet',
};
let parts = null;
let reading = false;
let again = false;
let readAt = 0;

// Those that need a person.
export const numberOf = () => total('banyan_sagas_attention') + total('banyan_sagas_blocked');

const kinds = () => [...plan.services.values()].flatMap((s) => s.items.filter((i) => i.kind === 'saga'));
const address = (s) => `#/sagas/${encodeURIComponent(s.saga)}/${encodeURIComponent(s.id)}`;
const since = (text) => `${ago(Date.now() - Date.parse(text))} ago`;

export function show(root, rest) {
  if (rest.length > 1) return showOne(root, rest[0], rest[1]);
  const state = h(
    'select',
    { id: 'saga-state', 'aria-label': 'State' },
    h('option', { value: '' }, 'All states'),
    states.map((s) => h('option', { value: s }, s)),
  );
  const find = h('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Waiting for …',
    autocomplete: 'off',
    'aria-label': 'An operation, an event, or timer',
  });
  const sagas = table({
    caption: 'Sagas',
    keyOf: (s) => `${s.saga} ${s.id}`,
    columns: [
      {
        title: 'Saga',
        cell: (td, s) => {
          if (!td.firstChild)
            td.append(h('a', { href: address(s) }, h('b', {}, s.id)), h('span', { class: 'quiet under' }));
          say(td.lastChild, `${s.saga}, version ${s.version}`);
        },
      },
      {
        title: 'State',
        cell: (td, s) => {
          if (!td.firstChild) td.append(chip('quiet', ''), h('span', { class: 'quiet under' }));
          setChip(td.firstChild, tones[s.state] ?? 'quiet', s.state);
          say(td.lastChild, s.status);
        },
      },
      { title: 'Waits for', cell: (td, s) => say(td, s.waiting_for) },
      {
        title: 'Last turn',
        cell: (td, s) => {
          say(td, since(s.since));
          attribute(td, 'title', moment(Date.parse(s.since)));
        },
      },
      { title: 'Turns', numeric: true, cell: (td, s) => say(td, count(s.turns)) },
      { title: 'Reason', cell: (td, s) => say(td, s.reason) },
    ],
  });
  parts = { sagas, state, find, none: h('div'), notes: h('div'), sum: h('p', { class: 'quiet', role: 'status' }) };
  sagas.element.hidden = true;
  root.replaceChildren(
    h('div', { class: 'heading' }, h('h1', {}, 'Sagas'), parts.sum, find, state),
    parts.notes,
    sagas.element,
    parts.none,
  );
  for (const field of [state, find]) field.addEventListener('change', read);
  return read();
}

// What a page of the list tells besides the sagas themselves.
function notesOf(page) {
  const notes = [];
  for (const k of page.kinds)
    for (const v of k.living.filter((v) => !v.linked))
      notes.push(
        `${plural(v.sagas, 'saga')} of ${k.saga} ${v.sagas === 1 ? 'has' : 'have'} version ${v.version}, which is not ` +
          'linked into this program: they wait until it is.',
      );
  return notes;
}

function whyEmpty() {
  if (kinds().length === 0) return 'No service of this program declares a saga.';
  const filters = [parts.state.value, parts.find.value.trim()].filter((f) => f !== '');
  if (filters.length > 0) return `No saga fits ${filters.map((f) => `“${f}”`).join(' and ')}.`;
  return (
    'None was started so far, or those that were have ended long ago: this program declares ' +
    `${plural(kinds().length, 'kind')} of sagas.`
  );
}

async function read() {
  if (!parts) return;
  again = reading;
  if (reading) return;
  reading = true;
  const here = parts;
  try {
    if (here.one) await readOne(here);
    else await readList(here);
  } catch (problem) {
    here.none.replaceChildren(notKnown(problem, read));
  } finally {
    reading = false;
    readAt = Date.now();
  }
  if (again || here !== parts) await read();
}

async function readList(here) {
  const query = new URLSearchParams({ limit: pageSize });
  if (here.state.value !== '') query.set('status', here.state.value);
  if (here.find.value.trim() !== '') query.set('waiting-for', here.find.value.trim());
  const page = kinds().length > 0 ? await get(`/sagas?${query}`) : { sagas: [], kinds: [] };
  here.sagas.show(page.sagas);
  attribute(here.sagas.element, 'hidden', page.sagas.length === 0);
  const number = `${plural(page.sagas.length, 'saga')}${page.next ? ', the first ones' : ''}`;
  say(here.sum, page.sagas.length === 0 ? '' : number);
  here.notes.replaceChildren(...notesOf(page).map((n) => h('p', { class: 'notice' }, n)));
  here.none.replaceChildren(...(page.sagas.length > 0 ? [] : [emptyState('No sagas', whyEmpty())]));
}

// --- one saga

function showOne(root, saga, key) {
  const retry = h('button', { type: 'button', id: 'saga-retry', onclick: () => act('retry') }, 'Retry');
  const abort = h('button', { type: 'button', id: 'saga-abort', onclick: () => act('abort') }, 'Abort …');
  parts = {
    one: { saga, id: key },
    chip: chip('quiet', '…'),
    sum: h('p', { class: 'quiet', role: 'status' }),
    facts: h('div'),
    none: h('div'),
    retry,
    abort,
  };
  root.replaceChildren(
    h('p', {}, h('a', { href: '#/sagas' }, 'All sagas')),
    h('div', { class: 'heading' }, h('h1', {}, key), parts.chip, parts.sum),
    h('p', { class: 'actions' }, retry, abort),
    parts.none,
    parts.facts,
  );
  return read();
}

const stateOf = (d) => (d.blocked ? 'blocked' : d.ending ? d.ending.how : d.phase);
const errorText = (e) => [e.code, e.reason && `(${e.reason})`, e.message].filter(Boolean).join(' ');

async function readOne(here) {
  const page = await get(path`/sagas/${here.one.id}` + `?name=${encodeURIComponent(here.one.saga)}`);
  const d = page.saga;
  setChip(here.chip, tones[stateOf(d)] ?? 'quiet', stateOf(d));
  say(here.sum, `${d.saga}, version ${d.version}, run ${d.run}${d.status ? `: ${d.status}` : ''}`);
  attribute(here.retry, 'disabled', Boolean(d.ending));
  attribute(here.abort, 'disabled', Boolean(d.ending) || d.phase === 'attention' || d.phase === 'undoing');
  here.none.replaceChildren();
  const now = JSON.stringify(page);
  if (here.shown === now) return; // keeps selections and the focus
  here.shown = now;
  here.facts.replaceChildren(
    ...[
      page.advice && h('p', { class: 'notice' }, page.advice),
      section('Blocked', d.blocked ? [d.blocked] : []),
      section('Waits for', waits(d)),
      section(
        'Open steps',
        d.open_steps.map(
          (s) =>
            `${s.number} ${s.operation}, ${plural(s.attempts, 'attempt')}` +
            (s.last_error ? `, last: ${errorText(s.last_error)}` : ''),
        ),
      ),
      section(
        'Refused undo actions',
        d.refused.map((r) => `${r.number} of step ${r.of}, ${r.operation}: ${errorText(r.why)}`),
      ),
      section(
        d.phase === 'undoing' || d.phase === 'attention' ? 'To be undone' : 'Would be undone',
        d.to_undo.map((u) => `${u.operation} ${JSON.stringify(u.arguments)}`),
      ),
      turns(page.turns),
    ].filter(Boolean),
  );
}

function waits(d) {
  const at = d.since ? ` since ${moment(Date.parse(d.since))}` : '';
  const due = d.due ? [`the next timer, at ${moment(Date.parse(d.due))}`] : [];
  return [...d.waiting_for.map((w) => `${w}${at}`), ...due];
}

const section = (name, lines) =>
  lines.length > 0 && h('section', {}, h('h2', {}, name), h('ol', {}, lines.map((l) => h('li', {}, l))));

function turns(all) {
  if (all.length === 0) return false;
  const rows = table({
    caption: 'Turns',
    keyOf: (t) => t.turn,
    columns: [
      { title: 'Turn', numeric: true, cell: (td, t) => say(td, count(t.turn)) },
      { title: 'When', cell: (td, t) => say(td, moment(Date.parse(t.now))) },
      { title: 'Because', cell: (td, t) => say(td, t.because + (t.by ? `, by ${t.by}` : '')) },
      {
        title: 'Then',
        cell: (td, t) => td.replaceChildren(...[...t.then, t.end].filter(Boolean).map((l) => h('div', {}, l))),
      },
    ],
  });
  rows.show(all);
  return h('section', {}, h('h2', {}, 'Turns'), rows.element);
}

// Asks why: the reason is stored with the saga.
async function why(what) {
  const input = h('input', { type: 'search', id: 'because', required: true, autocomplete: 'off', autofocus: true });
  const answer = await dialog(
    `${what} this saga`,
    [
      h(
        'p',
        { class: 'quiet' },
        'It is undone from its record, without its code, once the outcome of its steps is known.',
      ),
      h('p', {}, h('label', { for: 'because' }, 'Because'), input),
    ],
    [
      { label: 'Cancel', value: '' },
      { label: what, value: 'do', primary: true },
    ],
  );
  return answer === 'do' ? input.value.trim() : '';
}

async function act(what) {
  const here = parts;
  const because = what === 'abort' ? await why('Abort') : '';
  if (what === 'abort' && because === '') return;
  const query = new URLSearchParams({ name: here.one.saga });
  if (because !== '') query.set('because', because);
  await command(path`/sagas/${here.one.id}/` + `${what}?${query}`, (change) =>
    change.blocked ? `It is still blocked: ${change.blocked}` : `It is ${change.phase}.`,
  );
  await read();
}

export function update(topics) {
  if (!parts || (topics instanceof Set && !topics.has('tick')) || Date.now() - readAt < every_ms) return undefined;
  return read();
}

export function move(rest) {
  const main = document.getElementById('main');
  main.focus({ preventScroll: true });
  return show(main, rest);
}
