// The picture of the map: boxes for services, lines and labels for links, and what they show at each sample.
import { attribute, say, svg } from './dom.js';
import { breakerOf, rate } from './format.js';
import { curve, layout, spread } from './graph.js';
import { address, fortune, linkMeter, serviceMeter } from './links.js';
import { rateOf } from './rates.js';

export const box = { width: 200, height: 70, gapX: 150, gapY: 26 };
const margin = 28;
const least = { width: 900, height: 220 };
const labelsApart = 25;
const topicsBelow = 18;

// Of these nodes [{id, outside}] and edges [{key, from, to, topic}]: the image, the box that has all of it, and its
// entries by service and by link.
export function drawMap(nodes, edges) {
  const placed = layout(nodes, edges, box);
  const [lines, labels, boxes] = ['lines', 'labels', 'boxes'].map((name) => svg('g', { class: name }));
  const drawn = { lines: new Map(), boxes: new Map() };
  const curves = placed.edges.map((points, i) => points && curve(aside(points, edges[i], edges), box.width));
  const labelled = curves.filter((c, i) => c && !edges[i].topic);
  spread(
    labelled.map((c) => c.middle),
    labelsApart,
  );
  edges.forEach((edge, i) => {
    const entry = curves[i] && drawEdge(edge, curves[i], lines, labels);
    if (entry) drawn.lines.set(edge.key, entry);
  });
  for (const node of nodes) drawn.boxes.set(node.id, drawNode(node, placed.nodes.get(node.id), boxes));
  const says = `Map of ${nodes.length} services. Arrow keys move between them, Enter opens one.`;
  const image = svg('svg', { class: 'graph', role: 'group', 'aria-label': says }, tips(), lines, labels, boxes);
  const whole = around(placed);
  image.style.setProperty('--ratio', `${whole.width} / ${whole.height}`);
  // Where there is less room it is scrolled, so that names can be read.
  image.style.setProperty('--least', whole.width > 2400 ? '0' : `${whole.width * 0.62}px`);
  return { ...drawn, image, whole };
}

// Events between two services that also ask each other have a line of their own below that of the link.
function aside(points, edge, edges) {
  const isBeside = (e) => !e.topic && [e.from, e.to].includes(edge.from) && [e.from, e.to].includes(edge.to);
  return edge.topic && edges.some(isBeside) ? points.map(({ x, y }) => ({ x, y: y + topicsBelow })) : points;
}

// With room for what bows out at the right; a small map is not blown up.
function around({ width, height }) {
  const [w, h] = [Math.max(least.width, width + 2 * margin + 50), Math.max(least.height, height + 2 * margin)];
  return { x: (width - w) / 2, y: (height - h) / 2, width: w, height: h };
}

// An arrow's tip has a marker of its own for each colour.
function tips() {
  const size = { viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7 };
  const tip = (tone) =>
    svg(
      'marker',
      { id: `tip-${tone}`, 'data-tone': tone, orient: 'auto-start-reverse', markerUnits: 'userSpaceOnUse', ...size },
      svg('path', { d: 'M0,0L8,4L0,8Z' }),
    );
  return svg('defs', {}, ['good', 'warn', 'bad', 'info', 'quiet'].map(tip));
}

function drawEdge(edge, { d, middle }, lines, labels) {
  if (edge.topic) {
    const path = svg('path', { class: 'line topic', d, 'marker-end': 'url(#tip-quiet)' });
    lines.append(
      svg('g', {}, svg('title', {}, `Events from ${edge.from} to ${edge.to}: ${edge.topics.join(', ')}`), path),
    );
    return null;
  }
  const path = svg('path', { class: 'line', d });
  lines.append(path);
  const text = svg('text', { 'text-anchor': 'middle', y: 4 });
  const pill = svg('rect', { class: 'pill', x: -24, y: -11, width: 48, height: 22, rx: 11 });
  const element = svg(
    'a',
    {
      class: 'linklabel',
      href: address('link', edge.from, edge.to),
      tabindex: -1,
      transform: `translate(${middle.x},${middle.y})`,
    },
    svg('title'),
    pill,
    text,
  );
  labels.append(element);
  const entry = { edge, path, text, pill, element, at: middle };
  element.entry = entry;
  return entry;
}

function drawNode(node, at, boxes) {
  const name = svg('text', { class: 'name', x: 34, y: 29 }, shortened(node.id, 16));
  const says = svg('text', { class: 'says', x: 16, y: 53 });
  const dot = svg('circle', { class: 'dot', cx: 20, cy: 24, r: 6 });
  const element = svg(
    'a',
    {
      class: node.outside ? 'node outside' : 'node',
      href: node.outside ? '#/map' : address('service', node.id),
      tabindex: -1,
      transform: `translate(${at.x - box.width / 2},${at.y - box.height / 2})`,
    },
    svg('title'),
    svg('rect', { class: 'box', width: box.width, height: box.height, rx: 12 }),
    dot,
    name,
    says,
  );
  boxes.append(element);
  const entry = { node, element, dot, says, at };
  element.entry = entry;
  return entry;
}

const shortened = (text, most) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

export function updateLine({ edge, path, text, pill, element }, link) {
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

export function updateBox({ node, element, dot, says }) {
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
