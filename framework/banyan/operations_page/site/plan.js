// The plan of /plan, arranged for the views. What the services are does not change while a process runs.
import { get } from './api.js';
import { state } from './live.js';

export const plan = { application: '', services: new Map(), settings: [], topics: new Map(), asks: [], views: [] };

export async function readPlan() {
  const told = await get('/plan');
  ++state.revision;
  plan.application = told.application;
  plan.settings = told.settings ?? [];
  plan.services = new Map();
  plan.topics = new Map();
  plan.asks = [];
  plan.views = [];
  for (const service of told.services) plan.services.set(service.name, arranged(service));
  for (const service of plan.services.values()) for (const item of service.items) enter(service, item);
}

function arranged(service) {
  const named = (kind) => service.items.filter((i) => i.kind === kind).map((i) => i.name);
  return {
    name: service.name,
    operations: service.operations,
    items: service.items,
    aggregates: named('event_sourced'),
    views: named('query_side'),
    projections: named('projection'),
    subscriptions: named('subscribes'),
    routes: service.items.filter((i) => i.kind === 'http_route'),
  };
}

const factOf = (item, key) => item.facts.find((f) => f.key === key)?.values ?? [];

function enter(service, item) {
  for (const { verb, target } of item.links) {
    if (verb === 'asks') plan.asks.push({ from: service.name, to: target });
    if (!target.startsWith('topic ')) continue;
    const name = target.slice('topic '.length);
    const topic = plan.topics.get(name) ?? { name, publishers: new Set(), subscribers: new Set() };
    if (verb === 'publishes') topic.publishers.add(service.name);
    if (verb === 'subscribes' || verb === 'listens') topic.subscribers.add(service.name);
    plan.topics.set(name, topic);
  }
  if (item.kind === 'projection') {
    const reads = item.links.filter((l) => l.verb === 'reads').map((l) => l.target);
    plan.views.push({ service: service.name, name: item.name, reads, events: factOf(item, 'event') });
  }
}

// Events go from who publishes a topic to who subscribes to it: one line for all topics between two services.
export function topicLines() {
  const lines = new Map();
  for (const { name, publishers, subscribers } of plan.topics.values())
    for (const from of publishers)
      for (const to of subscribers) {
        if (from === to) continue;
        const key = JSON.stringify([from, to]);
        lines.set(key, { from, to, topics: [...(lines.get(key)?.topics ?? []), name] });
      }
  return [...lines.values()];
}
