// A picture for a product that has none: a sprig of leaves, drawn from its code, the same every time.
import { h } from './dom.js';

function numbersFrom(text) {
  let state = 2166136261;
  for (const c of text) state = Math.imul(state ^ c.codePointAt(0), 16777619);
  return () => {
    state = Math.imul(state ^ (state >>> 15), 2246822507) + 0x9e3779b9 | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const leaves = [
  'M0 0C10-12 10-30 0-42C-10-30-10-12 0 0Z',
  'M0 0C16-8 18-26 0-40C-18-26-16-8 0 0Z',
  'M0 0C6-14 6-36 0-50C-6-36-6-14 0 0Z',
  'M0 0C14-4 20-18 12-32C2-34-10-22 0 0Z',
];

export function picture(sku) {
  const next = numbersFrom(sku);
  const hue = Math.floor(next() * 360);
  const leaf = leaves[Math.floor(next() * leaves.length)];
  const pairs = 2 + Math.floor(next() * 3);
  const spread = 38 + next() * 32;
  const size = 0.72 + next() * 0.3;
  const sprig = h('g', { transform: `translate(80 104) rotate(${(next() - 0.5) * 26})` }, h('path', { class: 'stem', d: `M0 14V${-pairs * 16 - 6}` }));
  for (let i = 0; i < pairs; ++i) {
    for (const side of [-1, 1]) {
      const turn = side * (spread - i * 5);
      sprig.append(h('path', { class: side < 0 ? 'leaf' : 'leaf light', d: leaf, transform: `translate(0 ${-i * 16}) rotate(${turn}) scale(${size * (1 - i * 0.1)})` }));
    }
  }
  sprig.append(h('path', { class: 'leaf', d: leaf, transform: `translate(0 ${-pairs * 16}) scale(${size * 0.8})` }));
  return h('svg', { viewBox: '0 0 160 120', class: 'picture', 'aria-hidden': 'true', style: { '--hue': hue } },
    h('rect', { class: 'ground', width: 160, height: 120 }), h('circle', { class: 'sun', cx: 30 + next() * 100, cy: 24 + next() * 36, r: 14 + next() * 16 }), sprig);
}
