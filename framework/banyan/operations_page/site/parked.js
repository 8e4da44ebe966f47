// Parked streams: held back in a view since an event of theirs that can not be applied.
import { get, path } from './api.js';
import { attribute, emptyState, h, notKnown, say, table } from './dom.js';
import { count, plural } from './format.js';
import { plan } from './plan.js';
import { total } from './rates.js';
import { command } from './token.js';

export const id = 'parked';
export const title = 'Parked streams';

let parts = null;
let known = -1;
let reading = false;

export const numberOf = () => total('banyan_projection_parked_streams');

export function show(root) {
  const streams = table({
    caption: 'Parked streams',
    keyOf: (p) => `${p.view} ${p.stream}`,
    columns: [
      { title: 'Stream', cell: (td, p) => say(td, p.stream) },
      { title: 'In the view', cell: (td, p) => say(td, p.view) },
      { title: 'Since position', numeric: true, cell: (td, p) => say(td, count(p.position)) },
      { title: 'Reason', cell: (td, p) => say(td, p.reason) },
      {
        title: '',
        cell: (td, p) => {
          if (!td.firstChild)
            td.append(
              h(
                'button',
                {
                  type: 'button',
                  class: 'primary',
                  'data-replay': p.stream,
                  onclick: (event) => replay(p, event.currentTarget),
                },
                'Replay',
              ),
            );
        },
      },
    ],
  });
  parts = { streams, none: h('div'), sum: h('p', { class: 'quiet' }) };
  streams.element.hidden = true;
  root.replaceChildren(
    h('div', { class: 'heading' }, h('h1', {}, 'Parked streams'), parts.sum),
    streams.element,
    parts.none,
  );
  return read();
}

async function read() {
  if (reading || !parts) return;
  reading = true;
  known = numberOf();
  const here = parts;
  try {
    const page = plan.views.length > 0 ? await get('/parked') : { parked: [], streams: 0 };
    here.streams.show(page.parked);
    attribute(here.streams.element, 'hidden', page.parked.length === 0);
    say(
      here.sum,
      page.streams === 0
        ? ''
        : `${plural(page.streams, 'stream')} held back${page.streams > page.parked.length ? ', these are the first' : ''}. ` +
            'Their other events wait, those of other streams do not.',
    );
    here.none.replaceChildren(
      ...(page.streams > 0
        ? []
        : [
            plan.views.length === 0
              ? emptyState(
                  'No parked streams',
                  'No service of this program builds a view, so no stream can be held back.',
                )
              : emptyState(
                  'No parked streams',
                  `Every event could be applied: nothing is held back in ${plural(plan.views.length, 'view')}.`,
                ),
          ]),
    );
  } catch (problem) {
    here.none.replaceChildren(notKnown(problem, read));
  } finally {
    reading = false;
  }
}

export function update() {
  return parts && known !== numberOf() ? read() : undefined;
}

async function replay(stream, button) {
  button.disabled = true;
  const answer = await command(
    path`/parked/${stream.view}/${stream.stream}/replay`,
    () => `${stream.stream} is free again in ${stream.view}.`,
  );
  button.disabled = false;
  await read();
  if (answer) (parts.streams.element.querySelector('button[data-replay]') ?? document.getElementById('main')).focus();
}
