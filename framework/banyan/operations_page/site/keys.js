// Shortcuts of single characters. They can be turned off (WCAG 2.2, 2.1.4), and never take a key from a field.
import { dialog, h } from './dom.js';
import { breakerStates } from './format.js';

const key = 'banyan.operations.keys';
let on = true;
try {
  on = localStorage.getItem(key) !== 'off';
} catch {
  /* refused: they are on */
}

// `views`: [{id, title}], the first has the key 1.
export function installKeys(views, { theme, open, close }) {
  document.addEventListener('keydown', (event) => {
    if (
      event.defaultPrevented ||
      event.ctrlKey ||
      event.altKey ||
      event.metaKey ||
      document.querySelector('dialog[open]')
    )
      return;
    const inField = event.target.matches('input:not([type=checkbox]), select, textarea');
    if (event.key === 'Escape') {
      if (inField) event.target.blur();
      else close();
      return;
    }
    if (!on || inField) return;
    const view = views[Number(event.key) - 1];
    if (view) open(view.id);
    else if (event.key === 'd') theme();
    else if (event.key === '?') help(views);
    else if (event.key === '/') document.getElementById('filter')?.focus();
    else return;
    event.preventDefault();
  });
  document.getElementById('help').addEventListener('click', () => help(views));
}

async function help(views) {
  const keys = [
    ...views.map((v, i) => [String(i + 1), v.title]),
    ['/', 'Find'],
    ['d', 'Dark or light'],
    ['?', 'This help'],
    ['Esc', 'Close the details'],
    ['Arrows', 'Move within the map and the tree'],
    ['Enter', 'Open what has the focus'],
    ['+ − 0', 'Zoom the map'],
  ];
  const box = h('input', { type: 'checkbox', id: 'keys-on', checked: on });
  await dialog(
    'Keys and colours',
    [
      h(
        'dl',
        { class: 'keys' },
        keys.flatMap(([k, what]) => [h('dt', {}, h('kbd', {}, k)), h('dd', {}, what)]),
      ),
      h('label', { class: 'check' }, box, 'Shortcuts of a single character'),
      h('h3', {}, 'Breakers'),
      h(
        'ul',
        { class: 'plainlist' },
        Object.values(breakerStates).map((s) =>
          h('li', {}, h('span', { class: 'chip', 'data-tone': s.tone }, s.label), ' ', s.says),
        ),
      ),
    ],
    [{ label: 'Close', value: '', primary: true }],
  );
  on = box.checked;
  try {
    localStorage.setItem(key, on ? 'on' : 'off');
  } catch {
    /* refused: until the page is left */
  }
}
