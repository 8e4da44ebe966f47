// The tree of actors with their restarts and causes. A tree as in the ARIA practices: arrows move, open and close.
import { attribute, chip, emptyState, h, keyed, say, setChip } from './dom.js';
import { count, phaseTones, plural } from './format.js';
import { state } from './live.js';

export const id = 'supervision';
export const title = 'Supervision';

let parts = null;
const closed = new Set(); // ids of actors whose children are folded

export function show(root, [service]) {
  const sum = h('p', { class: 'quiet', id: 'tree-sum' });
  const find = h('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Find an actor',
    autocomplete: 'off',
    'aria-label': 'Find an actor',
    value: service,
  });
  const trouble = h('input', { type: 'checkbox', id: 'only-trouble' });
  const tree = h('ul', { class: 'tree', role: 'tree', 'aria-label': 'Actors', id: 'tree' });
  const none = h('div');
  parts = { sum, find, trouble, tree, none };
  root.replaceChildren(
    h(
      'div',
      { class: 'heading' },
      h('h1', {}, 'Supervision'),
      sum,
      find,
      h('label', { class: 'check' }, trouble, 'Only what was restarted or is down'),
    ),
    tree,
    none,
  );
  find.addEventListener('input', update);
  trouble.addEventListener('change', update);
  tree.addEventListener('keydown', onKey);
  tree.addEventListener('click', (event) => {
    const item = event.target.closest('[role=treeitem]');
    if (!item) return;
    if (event.target.closest('.twist')) toggle(item);
    focusOn(item);
  });
  update();
}

export function update(topics) {
  if (!parts || (topics instanceof Set && !topics.has('topology'))) return;
  const told = state.topology;
  if (!told) return;
  say(
    parts.sum,
    `${plural(told.total, 'actor')}: ${plural(told.crashes, 'crash', 'crashes')}, ${plural(told.restarts, 'restart')}, ` +
      `${count(told.stopped)} ended` +
      (told.omitted > 0 ? `; ${plural(told.omitted, 'more is', 'more are')} not shown` : ''),
  );
  const below = childrenOf(told.actors);
  const wanted = parts.find.value.trim().toLowerCase();
  const fits = (a) =>
    (!parts.trouble.checked || isTroubled(a)) && (wanted === '' || a.name.toLowerCase().includes(wanted));
  const kept = new Set();
  const keep = (a, inFitting) => {
    const self = fits(a) || (inFitting && !parts.trouble.checked);
    let any = self;
    for (const c of below.get(a.id) ?? []) if (keep(c, self)) any = true;
    if (any) kept.add(a);
    return any;
  };
  for (const a of below.get(0) ?? []) keep(a, false);
  level(parts.tree, below.get(0) ?? [], below, kept, 1);
  const empty = kept.size === 0;
  attribute(parts.tree, 'hidden', empty);
  parts.none.replaceChildren(...(empty ? [nothing(told, wanted)] : []));
  if (!parts.tree.querySelector('[role=treeitem][tabindex="0"]'))
    parts.tree.querySelector('[role=treeitem]')?.setAttribute('tabindex', 0);
}

function nothing(told, wanted) {
  if (told.actors.length === 0)
    return emptyState('No actors', 'The node has started no supervised part: it runs no service of the plan.');
  if (wanted !== '')
    return emptyState(
      'No such actor',
      `No actor has “${wanted}” in its name${parts.trouble.checked ? ' and was restarted or is down' : ''}.`,
    );
  return emptyState('Nothing was restarted', 'Every actor runs, and none has crashed since this process began.');
}

const isTroubled = (a) => a.phase !== 'running' || a.restarts > 0 || a.last_cause !== '';

function childrenOf(actors) {
  const known = new Set(actors.map((a) => a.id));
  const below = new Map();
  for (const a of actors) {
    const parent = known.has(a.parent) ? a.parent : 0;
    if (!below.has(parent)) below.set(parent, []);
    below.get(parent).push(a);
  }
  for (const list of below.values()) list.sort((a, b) => a.id - b.id);
  return below;
}

function level(list, actors, below, kept, depth) {
  keyed(
    list,
    actors.filter((a) => kept.has(a)),
    (a) => a.id,
    (a) =>
      h(
        'li',
        { role: 'treeitem', tabindex: -1, 'data-id': a.id },
        h(
          'div',
          { class: 'row' },
          h('span', { class: 'twist', 'aria-hidden': true }),
          h('code'),
          chip('quiet', ''),
          h('span', { class: 'cause' }),
        ),
      ),
    (li, a) => {
      const row = li.firstChild;
      const children = (below.get(a.id) ?? []).filter((c) => kept.has(c));
      const open = children.length > 0 ? !closed.has(a.id) : null;
      attribute(li, 'aria-expanded', open);
      attribute(li, 'aria-level', depth);
      if (open === false) li.setAttribute('aria-expanded', 'false');
      say(row.children[0], open === null ? '' : open ? '▾' : '▸');
      say(row.children[1], a.count > 1 ? `${a.name}* (${a.count})` : a.name);
      setChip(row.children[2], phaseTones[a.phase] ?? 'warn', a.phase);
      attribute(row.children[2], 'data-still', a.phase === 'running' && a.restarts === 0);
      say(row.children[3], restartHistory(a));
      let group = li.children[1];
      if (!open) group?.remove();
      else {
        if (!group) li.append((group = h('ul', { role: 'group' })));
        level(group, children, below, kept, depth + 1);
      }
    },
  );
}

function restartHistory(a) {
  if (a.restarts === 0 && a.last_cause === '' && a.down_for === 0) return '';
  let text = plural(a.restarts, 'restart');
  if (a.last_cause) text += `, last: ${a.last_cause}`;
  if (a.message) text += ` (on ${a.message})`;
  if (a.restart_in > 0) text += `, starts again in ${a.restart_in.toFixed(1)} s`;
  else if (a.down_for > 0) text += `, down for ${a.down_for.toFixed(1)} s`;
  return text;
}

function toggle(item, open) {
  const key = Number(item.dataset.id);
  const now = open ?? closed.has(key);
  if (now) closed.delete(key);
  else closed.add(key);
  update();
}

function focusOn(item) {
  if (!item) return;
  for (const other of parts.tree.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', -1);
  item.setAttribute('tabindex', 0);
  item.focus();
}

function onKey(event) {
  const item = event.target.closest('[role=treeitem]');
  if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
  const all = [...parts.tree.querySelectorAll('[role=treeitem]')];
  const at = all.indexOf(item);
  const expanded = item.getAttribute('aria-expanded');
  const parent = item.parentElement.closest('[role=treeitem]');
  const moves = {
    ArrowDown: () => focusOn(all[at + 1]),
    ArrowUp: () => focusOn(all[at - 1]),
    Home: () => focusOn(all[0]),
    End: () => focusOn(all[all.length - 1]),
    ArrowRight: () => (expanded === 'false' ? toggle(item, true) : expanded === 'true' && focusOn(all[at + 1])),
    ArrowLeft: () => (expanded === 'true' ? toggle(item, false) : focusOn(parent)),
    Enter: () => expanded !== null && toggle(item),
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  moves[event.key]();
}
