// Views (read models) with their lag.
import { attribute, chip, emptyState, h, say, setChip, table } from './dom.js';
import { count, healthTones, rate } from './format.js';
import { state } from './live.js';
import { plan } from './plan.js';
import { rateOf, total } from './rates.js';

export const id = 'views';
export const title = 'Views';

let parts = null;
const lags = new Map(); // view -> lags of the last samples

// Called at each sample, whatever is shown.
export function sampleLags() {
  for (const v of plan.views) {
    const of = lags.get(v.name) ?? [];
    of.push(total('banyan_projection_lag_events', { view: v.name }));
    if (of.length > 60) of.shift();
    lags.set(v.name, of);
  }
}

function lineOf(view) {
  return state.health?.ready.find((l) => l.name === `projection ${view}`);
}

export function show(root) {
  const all = table({
    caption: 'Views and their lag',
    keyOf: (v) => `${v.service} ${v.name}`,
    columns: [
      {
        title: 'View',
        cell: (td, v) => {
          if (!td.firstChild)
            td.append(
              h('b', {}, v.name),
              h('span', { class: 'quiet under' }, `of ${v.service}, from ${v.reads.join(', ')}`),
            );
        },
      },
      {
        title: 'State',
        cell: (td, v) => {
          const line = lineOf(v.name);
          if (!td.firstChild) td.append(chip('quiet', ''), h('span', { class: 'quiet under' }));
          setChip(td.children[0], line ? healthTones[line.state] : 'quiet', line?.state ?? 'elsewhere');
          say(td.children[1], line?.sentence ?? 'built on another node');
        },
      },
      {
        title: 'Lag',
        numeric: true,
        cell: (td, v) => say(td, count(total('banyan_projection_lag_events', { view: v.name }))),
      },
      { title: 'Last half minute', cell: (td, v) => sparkline(td, lags.get(v.name) ?? []) },
      {
        title: 'Position',
        numeric: true,
        cell: (td, v) => say(td, count(total('banyan_projection_position', { view: v.name }))),
      },
      {
        title: 'Parked',
        numeric: true,
        cell: (td, v) => {
          const n = total('banyan_projection_parked_streams', { view: v.name });
          if (!td.firstChild) td.append(h('a', { href: '#/parked' }), h('span'));
          attribute(td.firstChild, 'hidden', n === 0);
          attribute(td.lastChild, 'hidden', n > 0);
          say(td.firstChild, count(n));
          say(td.lastChild, '0');
        },
      },
      { title: 'Queries', numeric: true, cell: (td, v) => say(td, rate(rateOf(`view ${v.name}`))) },
      {
        title: 'Waiting',
        numeric: true,
        cell: (td, v) => say(td, count(total('banyan_view_reads_waiting', { view: v.name }))),
      },
    ],
  });
  parts = { all };
  root.replaceChildren(
    h(
      'div',
      { class: 'heading' },
      h('h1', {}, 'Views'),
      h('p', { class: 'quiet' }, 'A view that lags tells what was true some events ago.'),
    ),
    plan.views.length > 0
      ? all.element
      : emptyState('No views', 'No service of this program builds a read model: the plan has no projection.'),
  );
  update();
}

export function update(topics) {
  if (!parts || (topics instanceof Set && !topics.has('tick'))) return;
  parts.all.show(plan.views);
}

function sparkline(td, values) {
  if (!td.firstChild)
    td.append(
      h(
        'svg',
        { class: 'spark', viewBox: '0 0 120 30', preserveAspectRatio: 'none', role: 'img' },
        h('polyline', { points: '' }),
      ),
    );
  const most = Math.max(1, ...values);
  attribute(td.firstChild, 'aria-label', `At most ${count(Math.max(0, ...values))} events behind`);
  attribute(
    td.firstChild.firstChild,
    'points',
    values.map((v, i) => `${((60 - values.length + i) * 120) / 59},${28.5 - (v / most) * 26}`).join(' '),
  );
}
