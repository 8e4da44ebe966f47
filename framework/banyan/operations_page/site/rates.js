// Rates from counters: each meter reads a number that only grows, at each sample of the node.
import { state } from './live.js';

const kept = 61; // samples: half a minute
const window_ms = 2900; // over which a rate is told
const meters = new Map();

export function meter(id, read) {
  meters.set(id, { read, samples: [] });
}
export const hasMeter = (id) => meters.has(id);
export const forgetMeters = () => meters.clear();

export function sampleMeters() {
  for (const m of meters.values()) {
    const value = m.read() ?? 0;
    const last = m.samples[m.samples.length - 1];
    if (last && (value < last.value || state.at < last.at)) m.samples = [];
    if (last?.at === state.at) continue;
    m.samples.push({ at: state.at, value });
    if (m.samples.length > kept) m.samples.shift();
  }
}

// Per second; NaN before the second sample.
export function rateOf(id) {
  const samples = meters.get(id)?.samples ?? [];
  if (samples.length < 2) return NaN;
  const last = samples[samples.length - 1];
  const first = samples.find((s) => last.at - s.at <= window_ms) ?? samples[samples.length - 2];
  const from = first === last ? samples[samples.length - 2] : first;
  return ((last.value - from.value) * 1000) / (last.at - from.at);
}

// Rates of each interval kept, for a small curve.
export function curveOf(id) {
  const samples = meters.get(id)?.samples ?? [];
  return samples.slice(1).map((s, i) => ((s.value - samples[i].value) * 1000) / (s.at - samples[i].at));
}

// The sum of a family's series whose labels agree.
export function total(family, labels = {}) {
  let sum = 0;
  for (const [text, value] of state.metrics.get(family) ?? []) {
    if (text.startsWith('sum:')) continue;
    const of = labelsOf(text);
    if (Object.entries(labels).every(([name, wanted]) => of[name] === wanted)) sum += value;
  }
  return sum;
}

const parsed = new Map();
function labelsOf(text) {
  if (!parsed.has(text)) {
    const labels = {};
    for (const [, name, value] of text.matchAll(/([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"/g))
      labels[name] = value.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
    parsed.set(text, labels);
  }
  return parsed.get(text);
}
