// The links as a table below the map, those in trouble first.
import { attribute, chip, emptyState, h, say, setChip, table } from './dom.js';
import { breakerOf, count, percent, plural, probesIn, rate } from './format.js';
import { address, linkMeter } from './links.js';
import { plan } from './plan.js';
import { rateOf } from './rates.js';

const mostRows = 100;

// `sum`: where the numbers of services and links are told.
export function makeLinkTable(sum) {
  const rows = makeTable();
  const none = h('div');
  const more = h('p', { class: 'quiet' });
  return { elements: [rows.element, more, none], update: (known) => update(known, { sum, rows, none, more }) };
}

function makeTable() {
  const told =
    (f) =>
    (td, { link }) =>
      say(td, link.told ? f(link.told) : '–');
  return table({
    caption: 'Links between services',
    keyOf: (row) => row.key,
    columns: [
      {
        title: 'Link',
        cell: (td, { key, link }) => {
          if (!td.firstChild)
            td.append(h('a', { href: address('link', link.from, link.to) }, key.replace(' -> ', ' → ')));
        },
      },
      {
        title: 'Breaker',
        cell: (td, { link }) => {
          if (!td.firstChild) td.append(chip('quiet', ''));
          setChip(td.firstChild, breakerOf(link.told).tone, breakerOf(link.told).label);
        },
      },
      { title: 'Calls', numeric: true, cell: (td, { key }) => say(td, rate(rateOf(linkMeter(key)))) },
      { title: 'Failed', numeric: true, cell: told((t) => percent(t.breaker?.failure_rate)) },
      { title: 'Slow', numeric: true, cell: told((t) => percent(t.breaker?.slow_rate)) },
      { title: 'In flight', numeric: true, cell: told((t) => count(t.calls?.in_flight)) },
      { title: 'Refused', numeric: true, cell: told((t) => count(t.calls?.refused)) },
      { title: 'Trips', numeric: true, cell: told((t) => count(t.breaker?.trips)) },
      {
        title: 'Probes in',
        numeric: true,
        cell: told((t) => probesIn(t.breaker) || '–'),
      },
    ],
  });
}

const severity = { bad: 0, warn: 1, info: 2, good: 3, quiet: 4 };
function update(known, { sum, rows, none, more }) {
  const all = [...known].map(([key, link]) => ({ key, link, rank: severity[breakerOf(link.told).tone] }));
  all.sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
  rows.show(all.slice(0, mostRows));
  attribute(rows.element, 'hidden', all.length === 0);
  const why =
    'No service of this program asks another: the plan declares no ambassador. ' +
    'Events between services are the dashed lines.';
  if (all.length > 0) none.replaceChildren();
  else if (!none.firstChild) none.append(emptyState('No links', why));
  const troubled = all.filter((row) => row.rank <= severity.warn).length;
  const trouble = troubled > 0 ? `, ${troubled} in trouble` : '';
  say(sum, `${plural(plan.services.size, 'service')}, ${plural(all.length, 'link')}${trouble}`);
  const others = `The first ${mostRows} of ${all.length}, those in trouble before the others. All are in the map.`;
  say(more, all.length > mostRows ? others : '');
}
