// Start, addresses (#/view/...), the bar and the list of views.
import { attribute, emptyState, h, say, setChip } from './dom.js';
import { breakerOf, count, healthTones } from './format.js';
import * as health from './health.js';
import { installKeys } from './keys.js';
import * as letters from './letters.js';
import { linkMeter, links, serviceMeter } from './links.js';
import { connect, onChange, state, watchVisibility } from './live.js';
import * as map from './map.js';
import * as options from './options.js';
import * as parked from './parked.js';
import { plan, readPlan } from './plan.js';
import { forgetMeters, hasMeter, meter, sampleMeters, total } from './rates.js';
import * as sagas from './sagas.js';
import * as supervision from './supervision.js';
import { installOperatorButton } from './token.js';
import * as views from './views.js';

// In the order of the list and of their keys.
const all = [map, health, supervision, views, letters, parked, sagas, options];
let current = null;

const main = document.getElementById('main');

function address() {
  const [name, ...rest] = location.hash
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
  return [all.find((v) => v.id === name) ?? map, rest];
}

function show() {
  const [view, rest] = address();
  const title = `${view.title} · ${plan.application} operations`;
  if (document.title !== title) document.title = title;
  for (const link of document.querySelectorAll('#nav a'))
    attribute(link, 'aria-current', link.dataset.view === view.id && 'page');
  const nav = document.getElementById('nav');
  const here = nav.querySelector('[aria-current]');
  if (nav.scrollWidth > nav.clientWidth) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
  if (view === current && view.move) return view.move(rest);
  const first = current === null;
  current = view;
  view.show(main, rest);
  if (!first) main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  return undefined;
}

// --- what is measured, from the plan and the links -------------------------------------------------------------------

function measure() {
  for (const s of plan.services.values()) {
    meter(
      serviceMeter(s.name),
      () =>
        s.aggregates.reduce((sum, name) => sum + total('banyan_commands_total', { aggregate: name }), 0) +
        s.views.reduce((sum, name) => sum + total('banyan_query_seconds', { view: name }), 0) +
        s.subscriptions.reduce((sum, name) => sum + deliveredTo(name), 0),
    );
    for (const name of s.views) meter(`view ${name}`, () => total('banyan_query_seconds', { view: name }));
    for (const name of s.subscriptions) {
      const at = name.lastIndexOf('.');
      meter(`subscription ${name.slice(0, at)} ${name.slice(at + 1)}`, () => deliveredTo(name));
    }
  }
}

// The name of a subscription in the plan is its topic and its group.
function deliveredTo(name) {
  const at = name.lastIndexOf('.');
  return total('banyan_subscription_delivered_total', { topic: name.slice(0, at), group: name.slice(at + 1) });
}

function measureLinks() {
  for (const key of links().keys())
    if (!hasMeter(linkMeter(key))) meter(linkMeter(key), () => links().get(key)?.told?.calls?.started ?? 0);
}

// --- the bar ---------------------------------------------------------------------------------------------------------

const connections = {
  connecting: ['quiet', 'connecting'],
  live: ['good', 'live'],
  lost: ['bad', 'connection lost'],
  paused: ['quiet', 'paused'],
};

function updateBar() {
  setChip(document.getElementById('connection'), ...connections[state.connection]);
  document.body.dataset.connection = state.connection;
  const ready = document.getElementById('readiness');
  if (state.health) {
    const now = health.worst(state.health.ready);
    setChip(ready, healthTones[now], now);
    ready.hidden = false;
  }
  const open = [...links().values()].filter((l) => ['bad', 'warn'].includes(breakerOf(l.told).tone)).length;
  const trouble = document.getElementById('trouble');
  trouble.hidden = open === 0;
  say(trouble, `${open} ${open === 1 ? 'link' : 'links'} in trouble`);
  badge('health', (state.health?.ready ?? []).filter((l) => l.state !== 'ready').length);
  badge('letters', letters.numberOf());
  badge('parked', parked.numberOf());
  badge('sagas', sagas.numberOf());
  badge('map', open);
  badge('supervision', (state.topology?.actors ?? []).filter((a) => a.phase !== 'running').length);
}

function badge(id, n) {
  const element = document.querySelector(`#nav a[data-view=${id}] .badge`);
  attribute(element, 'hidden', n === 0);
  say(element, n === 0 ? '' : count(n));
}

function switchTheme() {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  try {
    localStorage.setItem('banyan.operations.theme', document.documentElement.dataset.theme);
  } catch {
    /* refused: until the page is left */
  }
}

// --- start -----------------------------------------------------------------------------------------------------------

function buildNav() {
  document
    .getElementById('nav')
    .replaceChildren(
      ...all.map((v, i) =>
        h(
          'a',
          { href: `#/${v.id}`, 'data-view': v.id, title: `${v.title} (${i + 1})` },
          h('span', {}, v.title),
          h('span', { class: 'badge', hidden: true }),
          h('kbd', { 'aria-hidden': true }, i + 1),
        ),
      ),
    );
}

async function begin() {
  try {
    await readPlan();
  } catch (problem) {
    main.replaceChildren(
      emptyState(
        'The plan can not be read',
        problem.text ?? String(problem),
        h('button', { type: 'button', class: 'primary', onclick: begin }, 'Try again'),
      ),
    );
    return;
  }
  say(document.getElementById('application'), plan.application);
  forgetMeters();
  measure();
  current = null;
  show();
}

buildNav();
installOperatorButton();
installKeys(all, {
  theme: switchTheme,
  open: (id) => {
    location.hash = `#/${id}`;
  },
  close: () => {
    if (current === map && location.hash.length > '#/map'.length) location.hash = '#/map';
  },
});
document.getElementById('theme').addEventListener('click', switchTheme);
window.addEventListener('hashchange', show);
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
onChange((topics) => {
  if (topics.has('restarted')) return void begin();
  if (topics.has('tick')) {
    measureLinks();
    sampleMeters();
    views.sampleLags();
  }
  current?.update(topics);
  updateBar();
  return undefined;
});
watchVisibility();
await begin();
connect();
