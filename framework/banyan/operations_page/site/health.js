// Health: whether the node is alive and ready, with a sentence for each part.
import { attribute, chip, emptyState, h, keyed, say, setChip } from './dom.js';
import { ago, healthTones, moment } from './format.js';
import { state } from './live.js';

export const id = 'health';
export const title = 'Health';

const rank = { dead: 0, waiting: 1, degraded: 2, ready: 3 };
const verdicts = {
  dead: 'Something does not recover by itself: the process should be restarted.',
  waiting: 'Load balancers send nothing here: /readyz answers 503.',
  degraded: 'It serves, but something works less well.',
  ready: 'It serves, and nothing is amiss.',
};
let parts = null;

export const worst = (lines) => lines.reduce((w, l) => (rank[l.state] < rank[w] ? l.state : w), 'ready');

export function show(root) {
  const verdict = h('p', { class: 'verdict' }, chip('quiet', '…'), ' ', h('span'));
  parts = {
    verdict,
    ready: h('ul', { class: 'lines' }),
    alive: h('ul', { class: 'lines' }),
    noAlive: h('div'),
    since: h('p', { class: 'quiet' }),
  };
  root.replaceChildren(
    h('div', { class: 'heading' }, h('h1', {}, 'Health')),
    verdict,
    parts.since,
    h(
      'section',
      { class: 'section' },
      h('h2', {}, 'Ready'),
      h('p', { class: 'quiet' }, 'Whether it can do its work now.'),
      parts.ready,
    ),
    h(
      'section',
      { class: 'section' },
      h('h2', {}, 'Alive'),
      h('p', { class: 'quiet' }, 'Whether it would recover by itself.'),
      parts.alive,
      parts.noAlive,
    ),
  );
  update();
}

export function update() {
  if (!parts || !state.health) return;
  const now = worst(state.health.ready);
  setChip(parts.verdict.firstChild, healthTones[now], now);
  say(parts.verdict.lastChild, verdicts[now]);
  if (state.node)
    say(
      parts.since,
      `${state.node.application} runs since ${moment(state.node.started)}, ` +
        `for ${ago(state.at - state.node.started)}.`,
    );
  lines(parts.ready, state.health.ready);
  lines(parts.alive, state.health.alive);
  if (state.health.alive.length === 0 && !parts.noAlive.firstChild)
    parts.noAlive.append(
      emptyState('Nothing to tell', 'No part of this node reports on its life, and its actors answer.'),
    );
  attribute(parts.noAlive, 'hidden', state.health.alive.length > 0);
}

function lines(list, all) {
  const sorted = [...all].sort((a, b) => rank[a.state] - rank[b.state]);
  keyed(
    list,
    sorted,
    (l) => l.name,
    (l) => h('li', {}, chip('quiet', ''), h('b', {}, l.name), h('span')),
    (li, l) => {
      setChip(li.children[0], healthTones[l.state], l.state);
      say(li.children[2], l.sentence);
    },
  );
}
