// Beside the map: a service with its patterns and operations, or a link with its chain, breaker and endpoints.
import { path } from './api.js';
import { attribute, chip, emptyState, h, keyed, say, setChip, table } from './dom.js';
import { breakerOf, count, milliseconds, percent, plural, probesIn, rate } from './format.js';
import { fortune, linkKey, linkMeter, serviceMeter } from './links.js';
import { plan } from './plan.js';
import { curveOf, rateOf } from './rates.js';
import { command } from './token.js';

let shown = '';
let refresh = () => {};

// `asked`: the operator has just chosen it, so it gets the focus.
export function showDetails(side, { kind, names }, links, asked = false) {
  const link = kind === 'link' ? links.get(linkKey(names[0], names[1])) : null;
  const service = kind === 'service' ? plan.services.get(names[0]) : null;
  const now = JSON.stringify([kind, names, Boolean(link ?? service)]);
  attribute(side, 'hidden', !kind);
  attribute(side.parentElement, 'data-open', Boolean(kind) && '');
  if (now !== shown || side.firstChild === null) {
    shown = now;
    refresh = () => {};
    if (!kind) side.replaceChildren();
    else if (link) showLink(side, names, link);
    else if (service) showService(side, service, links);
    else
      side.replaceChildren(
        heading(names.join(' → ')),
        emptyState('Not here', `This program has no ${kind} of that name, or its node has not told of it yet.`),
      );
    if (asked && kind) side.querySelector('h2')?.focus();
  }
  refresh(link);
}

const heading = (text) =>
  h(
    'div',
    { class: 'heading' },
    h('h2', { tabindex: -1 }, text),
    h('a', { class: 'button', href: '#/map', 'aria-label': 'Close the details', id: 'close-details' }, '✕'),
  );

function spark(id) {
  const line = h('polyline', { points: '' });
  const element = h(
    'svg',
    { class: 'spark', viewBox: '0 0 120 30', preserveAspectRatio: 'none', 'aria-hidden': true },
    line,
  );
  return {
    element,
    update() {
      const values = curveOf(id);
      const most = Math.max(1, ...values);
      attribute(line, 'points', values.map((v, i) => `${(i * 120) / 59},${29 - (v / most) * 27}`).join(' '));
    },
  };
}

function showService(side, service, links) {
  const how = chip('quiet', '…');
  const works = h('b');
  const curve = spark(serviceMeter(service.name));
  const asks = [...links.values()].filter((l) => l.from === service.name);
  const asked = [...links.values()].filter((l) => l.to === service.name);
  const to = (l) =>
    h(
      'a',
      { href: `#/map/link/${encodeURIComponent(l.from)}/${encodeURIComponent(l.to)}` },
      l.from === service.name ? `asks ${l.to}` : `asked by ${l.from}`,
    );
  const kinds = Map.groupBy ? Map.groupBy(service.items, (i) => i.kind) : grouped(service.items);
  side.replaceChildren(
    heading(service.name),
    h('p', {}, how, ' ', works, ' ', curve.element),
    h('p', { class: 'quiet' }, 'Commands, queries and events that it has dealt with.'),
    h('h3', {}, 'Links'),
    asks.length + asked.length === 0
      ? h('p', { class: 'quiet' }, 'It asks no other service, and none asks it.')
      : h(
          'ul',
          { class: 'plainlist' },
          [...asks, ...asked].map((l) => h('li', {}, to(l))),
        ),
    h('h3', {}, 'Operations'),
    service.operations.length === 0
      ? h('p', { class: 'quiet' }, 'It offers none to other services.')
      : h(
          'ul',
          { class: 'plainlist' },
          service.operations.map((o) =>
            h('li', {}, h('code', {}, o.name), h('span', { class: 'quiet' }, ` → ${o.reply}`)),
          ),
        ),
    h('h3', {}, 'Patterns'),
    h(
      'dl',
      { class: 'patterns' },
      [...kinds].flatMap(([kind, items]) => [h('dt', {}, kind), h('dd', {}, items.map((i) => i.name).join(', '))]),
    ),
    h(
      'p',
      { class: 'actions' },
      h('a', { class: 'button', href: `#/options/${encodeURIComponent(service.name)}` }, 'Options'),
      h('a', { class: 'button', href: `#/supervision/${encodeURIComponent(service.name)}` }, 'Actors'),
    ),
  );
  refresh = () => {
    const [tone, sentence] = fortune(service.name);
    setChip(how, tone, sentence);
    say(works, rate(rateOf(serviceMeter(service.name))));
    curve.update();
  };
}

function grouped(items) {
  const groups = new Map();
  for (const item of items) groups.set(item.kind, [...(groups.get(item.kind) ?? []), item]);
  return groups;
}

const overrides = [
  ['auto', 'Automatic'],
  ['forced_open', 'Force open'],
  ['forced_closed', 'Force closed'],
  ['observe_only', 'Observe only'],
];

function showLink(side, [from, to], first) {
  const key = linkKey(from, to);
  const how = chip('quiet', '…');
  const means = h('p', { class: 'quiet' });
  const facts = h('dl', { class: 'facts' });
  const curve = spark(linkMeter(key));
  const chain = h('ol', { class: 'chain' });
  const endpoints = table({
    caption: `Endpoints of ${key}`,
    keyOf: (e) => e.name,
    columns: [
      {
        title: 'Endpoint',
        cell: (td, e) => {
          if (!td.firstChild) td.append(h('span'), h('span', { class: 'quiet under' }));
          say(td.firstChild, e.name);
          say(td.lastChild, e.address && e.address !== e.name ? e.address : '');
        },
      },
      {
        title: 'Breaker',
        cell: (td, e) => {
          if (!td.firstChild) td.append(chip('quiet', ''));
          setChip(
            td.firstChild,
            e.ejected ? 'bad' : breakerOf({ breaker: e }).tone,
            e.ejected ? 'ejected' : breakerOf({ breaker: e }).label,
          );
        },
      },
      { title: 'Latency', numeric: true, cell: (td, e) => say(td, milliseconds(e.latency_ms)) },
      { title: 'In flight', numeric: true, cell: (td, e) => say(td, count(e.in_flight)) },
    ],
  });
  const none = h('p', { class: 'quiet' }, 'The link tells of no endpoints.');
  const buttons = h(
    'p',
    { class: 'actions', role: 'group', 'aria-label': 'Breaker' },
    overrides.map(([override, label]) =>
      h(
        'button',
        {
          type: 'button',
          'data-override': override,
          onclick: () =>
            command(path`/links/${from}/${to}/breaker/${override}`, () => `${key}: ${label.toLowerCase()}`),
        },
        label,
      ),
    ),
  );
  side.replaceChildren(
    heading(`${from} → ${to}`),
    h('p', {}, how, ' ', curve.element),
    means,
    facts,
    h('h3', {}, 'Chain'),
    chain,
    h('h3', {}, 'Endpoints'),
    endpoints.element,
    none,
    h('h3', {}, 'Breaker'),
    buttons,
  );
  refresh = (link) => {
    const told = (link ?? first).told;
    const looks = breakerOf(told);
    setChip(how, looks.tone, looks.label);
    const wait = probesIn(told?.breaker);
    const probes = wait === 'next call' ? ' Its time is over: the next call probes.' : ` It probes in ${wait}.`;
    say(means, looks.says + (wait ? probes : ''));
    attribute(buttons, 'hidden', !told?.breaker);
    attribute(buttons.previousSibling, 'hidden', !told?.breaker);
    const forced = ['forced_open', 'forced_closed', 'observe_only'].includes(told?.breaker?.state)
      ? told.breaker.state
      : 'auto';
    for (const b of buttons.children) attribute(b, 'aria-pressed', b.dataset.override === forced);
    const c = told?.calls ?? {};
    const rows = told
      ? [
          ['Calls', `${rate(rateOf(linkMeter(key)))}, ${count(c.started)} in all`],
          ['Failed', `${percent(told.breaker?.failure_rate)} of ${plural(told.breaker?.calls ?? 0, 'call')} judged`],
          ['Slow', percent(told.breaker?.slow_rate)],
          ['Retried, hedged', `${count(c.retried)}, ${count(c.hedged)}`],
          ['Refused', `${count(c.refused)}, by the breaker ${count(told.breaker?.refused)}`],
          ['In flight, waiting', `${count(c.in_flight)}, ${count(c.waiting)}`],
          ['Trips', count(told.breaker?.trips)],
        ]
      : [];
    keyed(
      facts,
      rows.flatMap(([k, v]) => [
        { k, t: 'dt', v: k },
        { k, t: 'dd', v },
      ]),
      (r) => r.t + r.k,
      (r) => h(r.t),
      (e, r) => say(e, r.v),
    );
    const steps = told?.chain ?? ['This link tells nothing of itself: calls are counted by their deadline only.'];
    keyed(
      chain,
      steps.map((text, i) => ({ text, i })),
      (s) => s.i,
      () => h('li'),
      (e, s) => say(e, s.text),
    );
    const all = told?.endpoints ?? [];
    endpoints.show(all);
    attribute(endpoints.element, 'hidden', all.length === 0);
    attribute(none, 'hidden', all.length > 0);
    curve.update();
  };
}
