// The options of the services and the settings of the node, with the origin of each value.
import { attribute, chip, emptyState, h, keyed, say } from './dom.js';
import { plural } from './format.js';
import { plan } from './plan.js';

export const id = 'options';
export const title = 'Options';

const most = 300; // rows shown at a time
let parts = null;

function allOptions() {
  const settings = plan.settings.map((o) => ({ ...o, path: o.name, of: 'node' }));
  const options = [...plan.services.values()].flatMap((s) =>
    s.items.flatMap((i) => i.options.map((o) => ({ ...o, of: s.name }))),
  );
  return [...settings, ...options];
}

export function show(root, [service]) {
  const find = h('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Find an option',
    autocomplete: 'off',
    'aria-label': 'Find an option',
    value: service ? `${service}.` : undefined,
  });
  const changed = h('input', { type: 'checkbox', id: 'only-set' });
  const body = h('tbody');
  const element = h(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': 'Options', tabindex: 0 },
    h(
      'table',
      {},
      h('caption', { class: 'hidden' }, 'Options and their origins'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['Option', 'Value', 'Origin', 'Takes'].map((t) => h('th', { scope: 'col' }, t)),
        ),
      ),
      body,
    ),
  );
  parts = {
    find,
    changed,
    body,
    element,
    none: h('div'),
    sum: h('p', { class: 'quiet', id: 'options-sum', role: 'status' }),
    all: allOptions(),
  };
  root.replaceChildren(
    h(
      'div',
      { class: 'heading' },
      h('h1', {}, 'Options'),
      parts.sum,
      find,
      h('label', { class: 'check' }, changed, 'Only what was set from outside'),
    ),
    h(
      'p',
      { class: 'quiet' },
      'They are read at the start: a file, the environment or --set changes them, and a restart applies them.',
    ),
    element,
    parts.none,
  );
  find.addEventListener('input', filter);
  changed.addEventListener('change', filter);
  filter();
}

const isSet = (o) => o.origin !== 'default' && o.origin !== 'code';

function filter() {
  const wanted = parts.find.value.trim().toLowerCase();
  const fitting = parts.all.filter(
    (o) =>
      (!parts.changed.checked || isSet(o)) &&
      (wanted === '' || `${o.path} ${o.origin} ${o.value}`.toLowerCase().includes(wanted)),
  );
  const shown = fitting.slice(0, most);
  say(parts.sum, `${plural(fitting.length, 'option')}${fitting.length > most ? `, the first ${most} shown` : ''}`);
  keyed(
    parts.body,
    shown,
    (o) => o.path,
    (o) =>
      h(
        'tr',
        {},
        h('td', { 'data-title': 'Option' }, h('code', {}, o.path)),
        h('td', { 'data-title': 'Value' }, h('b', {}, o.value === '' ? '(empty)' : o.value)),
        h('td', { 'data-title': 'Origin' }, chip(isSet(o) ? 'info' : 'quiet', o.origin)),
        h('td', { 'data-title': 'Takes', class: 'quiet' }, o.expects || o.type),
      ),
  );
  attribute(parts.element, 'hidden', shown.length === 0);
  parts.none.replaceChildren(
    ...(shown.length > 0
      ? []
      : [
          emptyState(
            'No options',
            wanted !== ''
              ? `No option has “${parts.find.value.trim()}” in its name, value or origin` +
                (parts.changed.checked ? ' and was set from outside.' : '.')
              : parts.changed.checked
                ? 'Every value is a default of the framework or of the code: no file, variable or argument has set one.'
                : 'The patterns of this program have no options.',
          ),
        ]),
  );
}

export function update() {}
