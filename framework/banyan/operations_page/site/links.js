// The links between services and how services fare, from the plan and from what the node tells.
import { state } from './live.js';
import { plan } from './plan.js';

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

export const address = (kind, ...names) => `#/map/${kind}/${names.map(encodeURIComponent).join('/')}`;
