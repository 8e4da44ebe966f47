// Dead letters: events that a subscription gave up. They are read when the view is opened, and when their number
// changes.
import { get, path } from './api.js';
import { attribute, chip, emptyState, h, notKnown, say, table } from './dom.js';
import { count, plural, rate } from './format.js';
import { state } from './live.js';
import { plan } from './plan.js';
import { rateOf, total } from './rates.js';
import { makeReplayBar } from './replay_all.js';
import { command } from './token.js';

export const id = 'letters';
export const title = 'Dead letters';

const pageSize = 100;
let parts = null;
let known = ''; // the numbers that the shown letters were read with
let reading = false;
let again = false;

const given = () =>
  `${total('banyan_subscription_dead_letters_total')} ${letterLines()
    .map((l) => l.sentence)
    .join()}`;
const letterLines = () => (state.health?.ready ?? []).filter((l) => l.name.startsWith('dead letters of '));
const numberIn = (line) => Number.parseInt(line.sentence.replaceAll(',', ''), 10) || 0;

// For the badge: as the health lines tell it.
export const numberOf = () => letterLines().reduce((sum, l) => sum + numberIn(l), 0);

// The groups with dead letters, of which the page may have the first only: then the health line knows how many.
function groupsOf(letters) {
  const groups = new Map();
  for (const { topic, group } of letters) {
    const key = `${topic}\n${group}`;
    groups.set(key, { topic, group, letters: (groups.get(key)?.letters ?? 0) + 1 });
  }
  for (const g of groups.values()) {
    const line = letterLines().find((l) => l.name === `dead letters of ${g.topic}, group ${g.group}`);
    if (letters.length === pageSize && line) g.letters = Math.max(g.letters, numberIn(line));
  }
  return [...groups.values()];
}

export function show(root) {
  const letters = table({
    caption: 'Dead letters',
    keyOf: (l) => [l.topic, l.group, l.position, l.event].join('\n'),
    columns: [
      {
        title: 'Event',
        cell: (td, l) => {
          if (!td.firstChild)
            td.append(h('b', {}, l.type), h('span', { class: 'quiet under' }, `${l.stream} at ${count(l.position)}`));
        },
      },
      {
        title: 'Given up by',
        cell: (td, l) => {
          if (!td.firstChild) td.append(l.group, h('span', { class: 'quiet under' }, `of\u00a0${l.topic}`));
        },
      },
      { title: 'Attempts', numeric: true, cell: (td, l) => say(td, count(l.attempts)) },
      {
        title: 'Reason',
        cell: (td, l) => {
          if (td.dataset.open !== 'yes') say(td, l.reason);
        },
      },
      {
        title: '',
        cell: (td, l) => {
          if (td.firstChild) return;
          td.append(
            h(
              'p',
              { class: 'actions' },
              h(
                'button',
                { type: 'button', 'aria-expanded': 'false', onclick: (event) => payload(event.currentTarget, l) },
                'Payload',
              ),
              h(
                'button',
                {
                  type: 'button',
                  class: 'primary',
                  'data-replay': l.position,
                  onclick: (event) => replay(l, event.currentTarget),
                },
                'Replay',
              ),
            ),
          );
        },
      },
    ],
  });
  const subscriptions = table({
    caption: 'Subscriptions',
    keyOf: (s) => `${s.topic} ${s.group}`,
    columns: [
      {
        title: 'Group',
        cell: (td, s) => {
          if (!td.firstChild) td.append(h('b', {}, s.group), h('span', { class: 'quiet under' }, `of ${s.topic}`));
        },
      },
      {
        title: 'State',
        cell: (td, s) => {
          td.replaceChildren(
            chip(s.waits_for ? 'bad' : 'good', s.waits_for ? 'waits' : 'delivers'),
            s.waits_for ? h('span', { class: 'quiet under' }, s.waits_for) : '',
          );
        },
      },
      { title: 'Position', numeric: true, cell: (td, s) => say(td, count(s.position)) },
      {
        title: 'Behind',
        numeric: true,
        cell: (td, s) => say(td, count(total('banyan_subscription_lag_events', { topic: s.topic, group: s.group }))),
      },
      {
        title: 'Delivered',
        numeric: true,
        cell: (td, s) => say(td, rate(rateOf(`subscription ${s.topic} ${s.group}`))),
      },
      {
        title: 'Retries',
        numeric: true,
        cell: (td, s) => say(td, count(total('banyan_subscription_retries_total', { topic: s.topic, group: s.group }))),
      },
    ],
  });
  parts = {
    bar: makeReplayBar(showBar, read),
    letters,
    subscriptions,
    none: h('div'),
    noGroups: h('div'),
    more: h('p', { class: 'quiet', hidden: true }),
    sum: h('p', { class: 'quiet' }),
    told: [],
    groups: [],
  };
  root.replaceChildren(
    h('div', { class: 'heading' }, h('h1', {}, 'Dead letters'), parts.sum),
    parts.bar.element,
    parts.letters.element,
    parts.none,
    parts.more,
    h('section', { class: 'section' }, h('h2', {}, 'Subscriptions'), subscriptions.element, parts.noGroups),
  );
  for (const element of [letters.element, subscriptions.element]) element.hidden = true;
  known = '';
  return read();
}

const showBar = () => parts.bar.show(groupsOf(parts.told));

async function read() {
  again = true;
  if (reading || !parts) return;
  reading = true;
  again = false;
  known = given();
  const here = parts;
  try {
    const has = plan.services.size > 0 && [...plan.services.values()].some((s) => s.subscriptions.length > 0);
    const [page, groups] = has
      ? await Promise.all([get(`/dead-letters?limit=${pageSize}`), get('/subscriptions')])
      : [{ letters: [] }, { subscriptions: [] }];
    here.told = page.letters;
    here.groups = groups.subscriptions;
    here.letters.show(page.letters);
    showBar();
    attribute(here.letters.element, 'hidden', page.letters.length === 0);
    attribute(here.subscriptions.element, 'hidden', here.groups.length === 0);
    attribute(here.more, 'hidden', !page.next);
    say(here.more, `These are the first ${pageSize}. The command line lists them all: dead-letters list --limit 1000.`);
    say(
      here.sum,
      page.letters.length === 0
        ? ''
        : `${plural(page.letters.length, 'event')}${page.next ? ' and more' : ''}, kept until they are replayed.`,
    );
    here.none.replaceChildren(
      ...(page.letters.length > 0
        ? []
        : [
            has
              ? emptyState(
                  'No dead letters',
                  `Every event was handled: ${plural(here.groups.length, 'subscription')} gave up none.`,
                )
              : emptyState(
                  'No dead letters',
                  'No service of this program subscribes to a topic, so no event can be given up.',
                ),
          ]),
    );
    here.noGroups.replaceChildren(
      ...(here.groups.length > 0
        ? []
        : [emptyState('No subscriptions', has ? 'None of them runs on this node.' : 'The plan has no subscribes.')]),
    );
    here.subscriptions.show(here.groups);
  } catch (problem) {
    here.none.replaceChildren(notKnown(problem, read));
  } finally {
    reading = false;
  }
  if (again) await read(); // asked for meanwhile
}

export function update(topics) {
  if (!parts) return undefined;
  if (known !== given()) return read();
  if (topics.has('tick')) parts.subscriptions.show(parts.groups);
  return undefined;
}

const letterPath = (l) => path`/dead-letters/${l.topic}/${l.group}/${l.position}`;
const which = (l) => (l.event ? `?event=${encodeURIComponent(l.event)}` : '');

async function replay(letter, button) {
  button.disabled = true;
  const answer = await command(
    `${letterPath(letter)}/replay${which(letter)}`,
    (a) => `${letter.type} at ${count(letter.position)} was handled, at attempt ${a.attempts}.`,
  );
  button.disabled = false;
  await read();
  if (answer) (parts.letters.element.querySelector('button[data-replay]') ?? document.getElementById('main')).focus();
}

async function payload(button, letter) {
  const cell = button.closest('tr').children[3];
  if (cell.dataset.open === 'yes') {
    delete cell.dataset.open;
    button.setAttribute('aria-expanded', 'false');
    say(cell, letter.reason);
    return;
  }
  try {
    const told = await get(letterPath(letter) + which(letter));
    cell.dataset.open = 'yes';
    cell.replaceChildren(
      letter.reason,
      h('pre', { tabindex: 0, 'aria-label': 'Payload' }, JSON.stringify(told.payload ?? told, null, 2)),
    );
    button.setAttribute('aria-expanded', 'true');
  } catch (problem) {
    cell.dataset.open = 'yes';
    cell.replaceChildren(letter.reason, h('pre', {}, problem.text));
  }
}
