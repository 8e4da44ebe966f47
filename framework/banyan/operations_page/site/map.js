// The map: services and their links, coloured by breaker state, with live rates.
import { attribute, chip, emptyState, h, say, setChip, svg, table } from './dom.js';
import { showDetails } from './details.js';
import { breakerOf, count, milliseconds, percent, rate } from './format.js';
import { curve, layout, spread } from './graph.js';
import { state } from './live.js';
import { plan, topicLines } from './plan.js';
import { rateOf } from './rates.js';

export const id = 'map';
export const title = 'Map';

const box = { width: 200, height: 70, gapX: 150, gapY: 26 };
const margin = 28;
const mostRows = 100;  // of the table
let parts = null;  // of the shown map
let linksOf = { revision: -1, all: new Map() };

// A link of the plan or of an inspection: what is asked may be outside of the application.
export function links() {
  if (linksOf.revision === state.revision) return linksOf.all;
  const all = new Map();
  linksOf = { revision: state.revision, all };
  for (const { from, to } of plan.asks) all.set(linkKey(from, to), { from, to, told: null });
  for (const [name, told] of state.inspections) {
    if (!name.startsWith('link.') || typeof told?.link !== 'string') continue;
    const [from] = told.link.split(' -> ');
    all.set(linkKey(from, told.to), { from, to: told.to, told });
  }
  return all;
}
export const linkKey = (from, to) => `${from} -> ${to}`;
export const serviceMeter = (name) => `service ${name}`;
export const linkMeter = (key) => `link ${key}`;

// The setting `only` names the services of this node; all, when it is empty.
function runsHere(service) {
  const only = plan.settings.find((s) => s.name === 'only')?.value ?? '';
  return only === '' || only.split(',').some((name) => name.trim() === service);
}

// The worst of a service's actors: [tone, sentence].
export function fortune(service) {
  const actors = state.topology?.actors ?? [];
  const root = actors.find((a) => a.parent === 0 && a.name === service);
  if (!root && !runsHere(service)) return ['quiet', 'runs on another node'];
  if (!root) return ['quiet', state.topology ? 'no actors of its own' : ''];
  const below = new Set([root.id]);
  let down = 0;
  let restarts = 0;
  for (const a of actors) {
    if (!below.has(a.id) && !below.has(a.parent)) continue;
    below.add(a.id);
    restarts += a.restarts;
    if (a.phase !== 'running') ++down;
  }
  if (down > 0) return ['warn', `${down} of its actors restarting`];
  return ['good', restarts === 0 ? 'running' : `running, ${restarts} restarts`];
}

export function show(root, [kind, ...names]) {
  parts = null;
  const canvas = h('div', { class: 'map', id: 'map-canvas' });
  const side = h('aside', { class: 'details', id: 'details', 'aria-label': 'Details', hidden: true });
  const find = h('input', { type: 'search', id: 'filter', placeholder: 'Find a service', autocomplete: 'off', 'aria-label': 'Find a service' });
  const linkTable = makeTable();
  const noLinks = h('div');
  const more = h('p', { class: 'quiet' });
  root.replaceChildren(
    h('div', { class: 'heading' }, h('h1', {}, 'Map'), h('p', { class: 'quiet', id: 'map-sum' }), find,
      h('p', { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
        h('button', { type: 'button', 'aria-label': 'Smaller', onclick: () => zoomBy(1.25) }, '−'),
        h('button', { type: 'button', 'aria-label': 'All of it', onclick: fit }, 'Fit'),
        h('button', { type: 'button', 'aria-label': 'Larger', onclick: () => zoomBy(0.8) }, '+'))),
    h('div', { class: 'split' }, h('div', { class: 'mapside' }, canvas, legend()), side),
    h('section', { class: 'section' }, h('h2', {}, 'Links'), linkTable.element, more, noLinks));
  find.addEventListener('input', () => highlight(find.value));
  find.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') highlight(find.value, true);
  });
  parts = { root, canvas, side, linkTable, noLinks, more, selected: { kind, names } };
  draw();
  select(kind, names);
  update(new Set(['topology', 'tick', 'inspection']));
}

// Of the same view with another selection.
export function move([kind, ...names]) {
  select(kind, names);
}

function legend() {
  const line = (tone, text, also = '') => h('li', {}, h('svg', { viewBox: '0 0 30 8', 'aria-hidden': true, class: `key ${also}`, 'data-tone': tone }, h('path', { d: 'M1,4H29' })), text);
  return h('ul', { class: 'legend', 'aria-label': 'Colours of the lines' }, line('good', 'closed'), line('warn', 'half open'), line('bad', 'open'), line('info', 'forced closed or observed'),
    line('quiet', 'no breaker'), line('quiet', 'events', 'topic'));
}

function draw() {
  const known = links();
  const outside = [...new Set([...known.values()].flatMap((l) => [l.from, l.to]).filter((name) => !plan.services.has(name)))];
  const nodes = [...[...plan.services.keys()].map((name) => ({ id: name, outside: false })), ...outside.map((name) => ({ id: name, outside: true }))];
  const topics = topicLines();
  const edges = [...[...known].map(([key, l]) => ({ key, ...l, weight: 3 })), ...topics.map((t) => ({ ...t, key: `topics ${t.from} -> ${t.to}`, topic: true, weight: 1 }))];
  parts.drawn = [...known.keys()].join('\n');
  if (nodes.length === 0) {
    parts.canvas.replaceChildren(emptyState('No service', 'The plan of this program names no service, so there is nothing to draw.'));
    return;
  }
  const placed = layout(nodes, edges, box);
  const lines = svg('g', { class: 'lines' });
  const labels = svg('g', { class: 'labels' });
  const boxes = svg('g', { class: 'boxes' });
  parts.lines = new Map();
  parts.boxes = new Map();
  const curves = placed.edges.map((points) => points && curve(points, box.width));
  spread(curves.filter((c, i) => c && !edges[i].topic).map((c) => c.middle), 25);
  edges.forEach((edge, i) => {
    if (curves[i]) drawEdge(edge, curves[i], lines, labels);
  });
  for (const node of nodes) drawNode(node, placed.nodes.get(node.id), boxes);
  const image = svg('svg', { class: 'graph', role: 'group', 'aria-label': `Map of ${nodes.length} services. Arrow keys move between them, Enter opens one.` },
    svg('defs', {}, ['good', 'warn', 'bad', 'info', 'quiet'].map((tone) =>
      svg('marker', { id: `tip-${tone}`, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse', 'data-tone': tone, markerUnits: 'userSpaceOnUse' },
        svg('path', { d: 'M0,0L8,4L0,8Z' })))), lines, labels, boxes);
  parts.image = image;
  parts.whole = { x: -margin, y: -margin, width: placed.width + 2 * margin + 50, height: placed.height + 2 * margin };
  image.style.setProperty('--ratio', `${parts.whole.width} / ${parts.whole.height}`);
  // Where there is less room it is scrolled, so that names can be read.
  image.style.setProperty('--least', parts.whole.width > 2400 ? '0' : `${parts.whole.width * 0.62}px`);
  parts.canvas.replaceChildren(image);
  installPointer(image);
  image.addEventListener('keydown', onKey);
  fit();
  roam(parts.boxes.values().next().value.element);
  mark();
  const entry = entryOf(parts.selected);
  if (entry) inSight(entry);
}

function drawEdge(edge, { d, middle }, lines, labels) {
  if (edge.topic) {
    const path = svg('path', { class: 'line topic', d, 'marker-end': 'url(#tip-quiet)' });
    lines.append(svg('g', {}, svg('title', {}, `Events from ${edge.from} to ${edge.to}: ${edge.topics.join(', ')}`), path));
    return;
  }
  const path = svg('path', { class: 'line', d });
  lines.append(path);
  const text = svg('text', { 'text-anchor': 'middle', y: 4 });
  const pill = svg('rect', { class: 'pill', x: -24, y: -11, width: 48, height: 22, rx: 11 });
  const element = svg('a', { class: 'linklabel', href: address('link', edge.from, edge.to), tabindex: -1, transform: `translate(${middle.x},${middle.y})` }, svg('title'), pill, text);
  labels.append(element);
  const entry = { edge, path, text, pill, element, at: middle };
  element.entry = entry;
  parts.lines.set(edge.key, entry);
}

function drawNode(node, at, boxes) {
  const name = svg('text', { class: 'name', x: 34, y: 29 }, shortened(node.id, 16));
  const says = svg('text', { class: 'says', x: 16, y: 53 });
  const dot = svg('circle', { class: 'dot', cx: 20, cy: 24, r: 6 });
  const element = svg('a', { class: node.outside ? 'node outside' : 'node', href: node.outside ? '#/map' : address('service', node.id), tabindex: -1,
    transform: `translate(${at.x - box.width / 2},${at.y - box.height / 2})` }, svg('title'), svg('rect', { class: 'box', width: box.width, height: box.height, rx: 12 }), dot, name, says);
  boxes.append(element);
  const entry = { node, element, dot, says, at };
  element.entry = entry;
  parts.boxes.set(node.id, entry);
}

const shortened = (text, most) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
const address = (kind, ...names) => `#/map/${kind}/${names.map(encodeURIComponent).join('/')}`;

export function update(topics) {
  if (!parts?.image) return;
  const known = links();
  if ([...known.keys()].join('\n') !== parts.drawn) draw();
  if (topics.has('tick') || topics.has('inspection') || topics.has('topology')) {
    for (const entry of parts.lines.values()) updateLine(entry, known.get(entry.edge.key));
    for (const entry of parts.boxes.values()) updateBox(entry);
    updateTable(known);
  }
  showDetails(parts.side, parts.selected, known);
}

function updateLine({ edge, path, text, pill, element }, link) {
  const looks = breakerOf(link?.told);
  const calls = rate(rateOf(linkMeter(edge.key)));
  const quiet = looks.tone === 'good' || looks.tone === 'quiet';
  const label = quiet ? calls : `${looks.label} ${calls === '–' ? '' : calls}`.trim();
  attribute(path, 'data-tone', looks.tone);
  attribute(path, 'data-state', link?.told?.breaker?.state ?? 'none');
  attribute(path, 'marker-end', `url(#tip-${looks.tone})`);
  attribute(element, 'data-tone', looks.tone);
  attribute(element, 'data-state', link?.told?.breaker?.state ?? 'none');
  say(text, label);
  const width = Math.max(48, label.length * 7.2 + 18);
  attribute(pill, 'x', -width / 2);
  attribute(pill, 'width', width);
  const sentence = `${edge.from} asks ${edge.to}: ${looks.label}, ${calls}. ${looks.says}`;
  say(element.firstChild, sentence);
  attribute(element, 'aria-label', sentence);
}

function updateBox({ node, element, dot, says }) {
  if (node.outside) {
    attribute(dot, 'data-tone', 'quiet');
    say(says, 'outside of this program');
    say(element.firstChild, `${node.id}: outside of this program`);
    attribute(element, 'aria-label', `${node.id}, outside of this program`);
    return;
  }
  const [tone, sentence] = fortune(node.id);
  const works = rate(rateOf(serviceMeter(node.id)));
  attribute(dot, 'data-tone', tone);
  attribute(element, 'data-tone', tone);
  say(says, tone === 'good' ? works : shortened(sentence, 26));
  say(element.firstChild, `${node.id}: ${sentence}, ${works}`);
  attribute(element, 'aria-label', `${node.id}: ${sentence}, ${works}`);
}

function makeTable() {
  const told = (f) => (td, { link }) => say(td, link.told ? f(link.told) : '–');
  return table({
    caption: 'Links between services', keyOf: (row) => row.key,
    columns: [
      { title: 'Link', cell: (td, { key, link }) => {
        if (!td.firstChild) td.append(h('a', { href: address('link', link.from, link.to) }, key.replace(' -> ', ' → ')));
      } },
      { title: 'Breaker', cell: (td, { link }) => {
        if (!td.firstChild) td.append(chip('quiet', ''));
        setChip(td.firstChild, breakerOf(link.told).tone, breakerOf(link.told).label);
      } },
      { title: 'Calls', numeric: true, cell: (td, { key }) => say(td, rate(rateOf(linkMeter(key)))) },
      { title: 'Failed', numeric: true, cell: told((t) => percent(t.breaker?.failure_rate)) },
      { title: 'Slow', numeric: true, cell: told((t) => percent(t.breaker?.slow_rate)) },
      { title: 'In flight', numeric: true, cell: told((t) => count(t.calls?.in_flight)) },
      { title: 'Refused', numeric: true, cell: told((t) => count(t.calls?.refused)) },
      { title: 'Trips', numeric: true, cell: told((t) => count(t.breaker?.trips)) },
      { title: 'Probes in', numeric: true, cell: told((t) => (t.breaker?.state === 'open' && t.breaker.retry_after_ms > 0 ? milliseconds(t.breaker.retry_after_ms) : '–')) },
    ],
  });
}

const severity = { bad: 0, warn: 1, info: 2, good: 3, quiet: 4 };
function updateTable(known) {
  const rows = [...known].map(([key, link]) => ({ key, link }));
  rows.sort((a, b) => severity[breakerOf(a.link.told).tone] - severity[breakerOf(b.link.told).tone] || (a.key < b.key ? -1 : 1));
  parts.linkTable.show(rows.slice(0, mostRows));
  attribute(parts.linkTable.element, 'hidden', rows.length === 0);
  if (rows.length === 0 && !parts.noLinks.firstChild)
    parts.noLinks.append(emptyState('No links', 'No service of this program asks another: the plan declares no ambassador. Events between services are the dashed lines.'));
  if (rows.length > 0) parts.noLinks.replaceChildren();
  const troubled = rows.filter((r) => ['bad', 'warn'].includes(breakerOf(r.link.told).tone)).length;
  say(document.getElementById('map-sum'), `${plan.services.size} services, ${rows.length} links${troubled > 0 ? `, ${troubled} in trouble` : ''}`);
  say(parts.more, rows.length > mostRows ? `The first ${mostRows} of ${rows.length}, those in trouble before the others. All are in the map.` : '');
}

function entryOf({ kind, names }) {
  return kind === 'service' ? parts.boxes?.get(names[0]) : kind === 'link' ? parts.lines?.get(linkKey(names[0], names[1])) : null;
}

function mark() {
  const selected = entryOf(parts.selected);
  for (const entry of [...(parts.boxes?.values() ?? []), ...(parts.lines?.values() ?? [])]) attribute(entry.element, 'data-selected', entry === selected);
}

function select(kind, names) {
  const former = entryOf(parts.selected);
  parts.selected = { kind, names };
  mark();
  showDetails(parts.side, parts.selected, links(), true);
  const entry = entryOf(parts.selected);
  if (entry) inSight(entry);
  else if (!kind && former) focusOn(former);  // back from its details
}

// Where the map is wider than its place, it is scrolled.
function inSight({ element }) {
  const [seen, there] = [parts.canvas.getBoundingClientRect(), element.getBoundingClientRect()];
  if (there.left < seen.left || there.right > seen.right) parts.canvas.scrollLeft += there.left + there.width / 2 - seen.left - seen.width / 2;
}

// --- the part of the map that is seen ---------------------------------------------------------------------------------

function look(view) {
  parts.view = view;
  parts.image.setAttribute('viewBox', `${view.x} ${view.y} ${view.width} ${view.height}`);
  parts.image.classList.toggle('far', view.width > 2400);  // the rates could not be read
}
function fit() {
  if (parts?.image) look({ ...parts.whole });
}
function zoomBy(factor, at) {
  if (!parts?.image) return;
  const v = parts.view;
  const width = Math.min(Math.max(v.width * factor, 200), parts.whole.width * 2);
  const f = width / v.width;
  const [px, py] = at ?? [0.5, 0.5];
  look({ x: v.x + v.width * px * (1 - f), y: v.y + v.height * py * (1 - f), width, height: v.height * f });
}

function installPointer(image) {
  let held = null;
  image.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;  // the page scrolls
    event.preventDefault();
    const r = image.getBoundingClientRect();
    zoomBy(event.deltaY > 0 ? 1.12 : 0.9, [(event.clientX - r.left) / r.width, (event.clientY - r.top) / r.height]);
  }, { passive: false });
  image.addEventListener('pointerdown', (event) => {
    if (event.button === 0 && event.pointerType !== 'touch') held = { x: event.clientX, y: event.clientY, view: parts.view, moved: false };
  });
  image.addEventListener('pointermove', (event) => {
    if (!held) return;
    const scale = held.view.width / image.getBoundingClientRect().width;
    const [dx, dy] = [(event.clientX - held.x) * scale, (event.clientY - held.y) * scale];
    if (!held.moved && Math.hypot(event.clientX - held.x, event.clientY - held.y) < 4) return;
    if (!held.moved) image.setPointerCapture(event.pointerId);
    held.moved = true;
    look({ ...held.view, x: held.view.x - dx, y: held.view.y - dy });
  });
  const let_go = () => setTimeout(() => { held = null; });
  image.addEventListener('pointerup', let_go);
  image.addEventListener('pointercancel', let_go);
  image.addEventListener('click', (event) => {
    if (held?.moved) event.preventDefault();
  }, true);
  image.addEventListener('dragstart', (event) => event.preventDefault());
}

// --- the keyboard: one stop in the order of tabs, arrows within ---------------------------------------------------------

function roam(element) {
  for (const other of parts.image.querySelectorAll('a[tabindex="0"]')) other.setAttribute('tabindex', -1);
  element.setAttribute('tabindex', 0);
}

const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onKey(event) {
  if (event.key === '+' || event.key === '=') return zoomBy(0.8);
  if (event.key === '-') return zoomBy(1.25);
  if (event.key === '0') return fit();
  const direction = directions[event.key];
  const here = event.target.closest('a')?.entry;
  if (!direction || !here) return undefined;
  event.preventDefault();
  const next = nearest(here, direction);
  if (next) focusOn(next);
  return undefined;
}

function focusOn(entry) {
  roam(entry.element);
  entry.element.focus({ preventScroll: true });
  const v = parts.view;
  const { x, y } = entry.at;
  const [left, top] = [x - box.width, y - box.height];
  if (left < v.x || x + box.width > v.x + v.width || top < v.y || y + box.height > v.y + v.height) look({ ...v, x: x - v.width / 2, y: y - v.height / 2 });
  inSight(entry);
}

// The nearest box or label in a direction; what lies aside counts double.
function nearest(here, [dx, dy]) {
  let best = null;
  let least = Infinity;
  for (const entry of [...parts.boxes.values(), ...parts.lines.values()]) {
    const [x, y] = [entry.at.x - here.at.x, entry.at.y - here.at.y];
    const along = x * dx + y * dy;
    if (entry === here || along <= 1) continue;
    const far = along + 2 * Math.abs(x * dy + y * dx);
    if (far < least) [best, least] = [entry, far];
  }
  return best;
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
  if (!first || !go) return;
  if (parts.view.width > 1400) look({ x: first.at.x - 500, y: first.at.y - 300, width: 1000, height: 600 });
  focusOn(first);
}


