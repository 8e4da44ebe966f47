// The map: services and their links, coloured by breaker state, with live rates.
import { attribute, emptyState, h } from './dom.js';
import { showDetails } from './details.js';
import { linkKey, links } from './links.js';
import { box, drawMap, updateBox, updateLine } from './map_drawing.js';
import { makeSight } from './map_sight.js';
import { makeLinkTable } from './map_table.js';
import { plan, topicLines } from './plan.js';

export const id = 'map';
export const title = 'Map';

let parts = null; // of the shown map

export function show(root, [kind, ...names]) {
  parts = null;
  const canvas = h('div', { class: 'map', id: 'map-canvas' });
  const side = h('aside', { class: 'details', id: 'details', 'aria-label': 'Details', hidden: true });
  const find = h('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Find a service',
    autocomplete: 'off',
    'aria-label': 'Find a service',
  });
  const sum = h('p', { class: 'quiet' });
  const linkTable = makeLinkTable(sum);
  root.replaceChildren(
    h(
      'div',
      { class: 'heading' },
      h('h1', {}, 'Map'),
      sum,
      find,
      h(
        'p',
        { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
        h('button', { type: 'button', 'aria-label': 'Smaller', onclick: () => parts.sight?.zoomBy(1.25) }, '−'),
        h('button', { type: 'button', 'aria-label': 'All of it', onclick: () => parts.sight?.fit() }, 'Fit'),
        h('button', { type: 'button', 'aria-label': 'Larger', onclick: () => parts.sight?.zoomBy(0.8) }, '+'),
      ),
    ),
    h(
      'div',
      { class: 'split' },
      h(
        'div',
        { class: 'mapside' },
        canvas,
        legend(),
        h('section', { class: 'section' }, h('h2', {}, 'Links'), linkTable.elements),
      ),
      side,
    ),
  );
  find.addEventListener('input', () => highlight(find.value));
  find.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') highlight(find.value, true);
  });
  parts = { canvas, side, linkTable, selected: { kind, names } };
  draw();
  select(kind, names);
  update(new Set(['topology', 'tick', 'inspection']));
}

// Of the same view with another selection.
export function move([kind, ...names]) {
  select(kind, names);
}

function legend() {
  const line = (tone, text, also = '') =>
    h(
      'li',
      {},
      h(
        'svg',
        { viewBox: '0 0 30 8', 'aria-hidden': true, class: `key ${also}`, 'data-tone': tone },
        h('path', { d: 'M1,4H29' }),
      ),
      text,
    );
  return h(
    'ul',
    { class: 'legend', 'aria-label': 'Colours of the lines' },
    line('good', 'closed'),
    line('warn', 'half open'),
    line('bad', 'open'),
    line('info', 'forced closed or observed'),
    line('quiet', 'no breaker'),
    line('quiet', 'events', 'topic'),
  );
}

function draw() {
  const known = links();
  const asked = [...known.values()].flatMap((l) => [l.from, l.to]);
  const nodes = [
    ...[...plan.services.keys()].map((name) => ({ id: name, outside: false })),
    ...[...new Set(asked)].filter((name) => !plan.services.has(name)).map((name) => ({ id: name, outside: true })),
  ];
  const edges = [
    ...[...known].map(([key, l]) => ({ key, ...l, weight: 3 })),
    ...topicLines().map((t) => ({ ...t, key: `topics ${t.from} -> ${t.to}`, topic: true, weight: 1 })),
  ];
  parts.known = [...known.keys()].join('\n');
  if (nodes.length === 0) {
    const why = 'The plan of this program names no service, so there is nothing to draw.';
    parts.canvas.replaceChildren(emptyState('No service', why));
    return;
  }
  Object.assign(parts, drawMap(nodes, edges));
  parts.canvas.replaceChildren(parts.image);
  const entries = [...parts.boxes.values(), ...parts.lines.values()];
  parts.sight = makeSight({ canvas: parts.canvas, image: parts.image, whole: parts.whole, box, entries });
  mark();
  const entry = entryOf(parts.selected);
  if (entry) showSelected(entry);
}

// A link with the two that it joins, as far as there is room.
function showSelected(entry) {
  const ends = entry.edge ? [parts.boxes.get(entry.edge.from), parts.boxes.get(entry.edge.to)] : [];
  for (const e of [...ends, entry]) if (e) parts.sight.inSight(e);
}

export function update(topics) {
  if (!parts?.image) return;
  const known = links();
  if ([...known.keys()].join('\n') !== parts.known) draw();
  if (topics.has('tick') || topics.has('inspection') || topics.has('topology')) {
    for (const entry of parts.lines.values()) updateLine(entry, known.get(entry.edge.key));
    for (const entry of parts.boxes.values()) updateBox(entry);
    parts.linkTable.update(known);
  }
  showDetails(parts.side, parts.selected, known);
}

function entryOf({ kind, names }) {
  return kind === 'service'
    ? parts.boxes?.get(names[0])
    : kind === 'link'
      ? parts.lines?.get(linkKey(names[0], names[1]))
      : null;
}

function mark() {
  const selected = entryOf(parts.selected);
  for (const entry of [...(parts.boxes?.values() ?? []), ...(parts.lines?.values() ?? [])])
    attribute(entry.element, 'data-selected', entry === selected);
}

function select(kind, names) {
  const former = entryOf(parts.selected);
  parts.selected = { kind, names };
  mark();
  showDetails(parts.side, parts.selected, links(), true);
  const entry = entryOf(parts.selected);
  if (entry) showSelected(entry);
  else if (!kind && former) parts.sight.focusOn(former); // back from its details
}

function highlight(text, go = false) {
  const wanted = text.trim().toLowerCase();
  let first = null;
  for (const entry of parts?.boxes?.values() ?? []) {
    const fits = wanted !== '' && entry.node.id.toLowerCase().includes(wanted);
    attribute(entry.element, 'data-found', fits);
    attribute(entry.element, 'data-dim', wanted !== '' && !fits);
    if (fits && (!first || entry.node.id.toLowerCase() === wanted)) first = entry;
  }
  if (first && go) parts.sight.approach(first);
}
