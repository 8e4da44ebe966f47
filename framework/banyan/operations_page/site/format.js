// How numbers, times and states are told.

export function count(n) {
  if (n === undefined || n === null || Number.isNaN(n)) return '–';
  return n.toLocaleString('en', { maximumFractionDigits: 0 });
}
// Calls, events or requests per second, in at most four characters and a suffix.
export function rate(n) {
  if (!Number.isFinite(n)) return '–';
  if (n < 0.05) return '0/s';
  if (n < 10) return `${n.toFixed(1)}/s`;
  if (n < 1000) return `${Math.round(n)}/s`;
  if (n < 1e6) return `${(n / 1000).toFixed(n < 10000 ? 1 : 0)}k/s`;
  return `${(n / 1e6).toFixed(1)}M/s`;
}
export const percent = (x) => (Number.isFinite(x) ? `${(x * 100).toFixed(x > 0 && x < 0.1 ? 1 : 0)} %` : '–');
export function milliseconds(ms) {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  return ms < 100 ? `${ms.toFixed(1)} ms` : ms < 10000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}
export function ago(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} d`;
}
// "1 Dec 2026, 00:26:35", in the reader's time zone.
export const moment = (ms) =>
  new Date(ms).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

// By name of the state in an inspection: how it looks, and what it means.
export const breakerStates = {
  closed: { label: 'closed', tone: 'good', says: 'Calls pass.' },
  half_open: { label: 'half open', tone: 'warn', says: 'A few probes pass, and decide whether it closes.' },
  open: { label: 'open', tone: 'bad', says: 'Calls are refused at once.' },
  forced_open: { label: 'forced open', tone: 'bad', says: 'An operator holds it open: every call is refused.' },
  forced_closed: {
    label: 'forced closed',
    tone: 'info',
    says: 'An operator holds it closed: calls pass, whatever fails.',
  },
  observe_only: { label: 'observe only', tone: 'info', says: 'It counts and judges, and refuses nothing.' },
  none: { label: 'no breaker', tone: 'quiet', says: 'This link has no breaker, or tells nothing of it.' },
};
export const breakerOf = (link) => breakerStates[link?.breaker?.state] ?? breakerStates.none;
// When an open breaker probes: after a while, or with the next call that comes. Empty: it is not open.
export function probesIn(breaker) {
  if (breaker?.state !== 'open') return '';
  return breaker.retry_after_ms > 0 ? milliseconds(breaker.retry_after_ms) : 'next call';
}

export const healthTones = { ready: 'good', degraded: 'warn', waiting: 'bad', dead: 'bad' };
export const phaseTones = { running: 'good', restarting: 'warn', starting: 'warn', stopping: 'warn', stopped: 'quiet' };
