// Building elements without a framework. Text only ever becomes a text node, so nothing that the shop says can become markup.

const svgNames = new Set(['svg', 'path', 'g', 'circle', 'rect']);

// h('button', {class: 'primary', onclick: add}, 'Add ', h('b', {}, name))
export function h(name, attributes = {}, ...children) {
  const element = svgNames.has(name) ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'style') for (const [property, v] of Object.entries(value)) element.style.setProperty(property, v);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false));
  return element;
}

export function show(...content) {
  document.getElementById('main').replaceChildren(...content);
}

// Of the window and the history; empty: the shop's own.
export function title(text) {
  document.title = text ? `${text} · Banyan shop` : 'Banyan shop';
}

let toastTimer;
export function toast(text) {
  const box = document.getElementById('toast');
  box.textContent = text;
  box.classList.add('visible');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove('visible'), 2600);
}

// An empty or failed state always says why, and what can be done.
export function emptyState(title, why, ...actions) {
  return h('section', { class: 'empty' }, h('h2', {}, title), h('p', {}, why), actions.length > 0 && h('p', { class: 'actions' }, actions));
}

export function errorState(problem, retry) {
  return h('section', { class: 'empty problem', role: 'alert' }, h('h2', {}, problem.title), h('p', {}, problem.text),
    h('p', { class: 'actions' }, h('button', { type: 'button', class: 'primary', onclick: retry }, 'Try again')));
}

export function when(instant) {
  return h('time', { datetime: instant }, new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }));
}
