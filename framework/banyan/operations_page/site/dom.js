// Elements without a framework. Text only ever becomes a text node: nothing that a node says can become markup.

const svgNames = new Set(['svg', 'path', 'g', 'circle', 'rect', 'line', 'polyline', 'marker', 'defs']);
const svgSpace = 'http://www.w3.org/2000/svg';

// h('button', {class: 'primary', onclick: add}, 'Add ', h('b', {}, name)); svg('text', {x: 3}, name)
export function h(name, attributes = {}, ...children) {
  return fill(
    svgNames.has(name) ? document.createElementNS(svgSpace, name) : document.createElement(name),
    attributes,
    children,
  );
}
export const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(svgSpace, name), attributes, children);

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false));
  return element;
}

// The next three change the document only when there is something to change: updates come twice a second.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
export function attribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}
// A child of `parent` per item, in their order. Children are kept by key, with their focus; `make(item)` makes a new
// one and `update(child, item)` is called for each.
export function keyed(parent, items, keyOf, make, update = () => {}) {
  const former = parent.keyedChildren ?? new Map();
  const now = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const key = keyOf(item);
    if (now.has(key)) continue;
    const child = former.get(key) ?? make(item);
    now.set(key, child);
    update(child, item);
    if (child === place) place = place.nextSibling;
    else parent.insertBefore(child, place);
  }
  for (const [key, child] of former) if (!now.has(key)) child.remove();
  while (place) {
    const next = place.nextSibling;
    if (![...now.values()].includes(place)) place.remove();
    place = next;
  }
  parent.keyedChildren = now;
}

// A table whose rows are updated in place. `columns`: [{title, numeric, cell(td, item)}].
export function table({ caption, columns, keyOf }) {
  const body = h('tbody');
  const element = h(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    h(
      'table',
      {},
      h('caption', { class: 'hidden' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map((c) => h('th', { scope: 'col', class: c.numeric && 'number' }, c.title)),
        ),
      ),
      body,
    ),
  );
  const make = () =>
    h(
      'tr',
      {},
      columns.map((c) => h('td', { class: c.numeric && 'number', 'data-title': c.title })),
    );
  const update = (row, item) => columns.forEach((c, i) => c.cell(row.children[i], item));
  return { element, show: (items) => keyed(body, items, keyOf, make, update) };
}

// An empty view says why it is empty.
export function emptyState(title, why, ...actions) {
  return h(
    'section',
    { class: 'empty' },
    h('h2', {}, title),
    h('p', {}, why),
    actions.length > 0 && h('p', { class: 'actions' }, actions),
  );
}

// In place of what could not be read.
export const notKnown = (problem, again) =>
  emptyState(
    'Not known',
    problem.text ?? String(problem),
    h('button', { type: 'button', onclick: again }, 'Try again'),
  );

export const chip = (tone, text) => h('span', { class: 'chip', 'data-tone': tone }, text);
export function setChip(element, tone, text) {
  attribute(element, 'data-tone', tone);
  say(element, text);
}

let toastTimer;
export function toast(text, tone = 'good') {
  const box = document.getElementById('toast');
  box.textContent = text;
  box.dataset.tone = tone;
  box.classList.add('visible');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove('visible'), tone === 'bad' ? 8000 : 4000);
}

// A dialog that ends with the value of the button that closed it: null when it was left.
export function dialog(title, content, buttons) {
  return new Promise((resolve) => {
    const choose = (value) => box.close(value);
    const form = h(
      'form',
      { method: 'dialog' },
      h('h2', { id: 'dialog-title' }, title),
      content,
      h(
        'p',
        { class: 'actions' },
        buttons.map((b) =>
          h(
            'button',
            {
              class: b.primary && 'primary',
              value: b.value,
              type: b.primary ? 'submit' : 'button',
              onclick: b.primary ? undefined : () => choose(b.value),
            },
            b.label,
          ),
        ),
      ),
    );
    const box = h('dialog', { 'aria-labelledby': 'dialog-title' }, form);
    box.addEventListener('close', () => {
      box.remove();
      resolve(box.returnValue || null);
    });
    document.body.append(box);
    box.showModal();
  });
}
