// The shop front: which page is shown (by the address after #), the search box, the basket's counter, light or dark.
import { basketPage } from './basket.js';
import { browse, leaveBrowse, productPage } from './browse.js';
import { emptyState, h, show, title } from './dom.js';
import { leaveOrder, orderPage, ordersPage } from './orders.js';
import * as store from './store.js';

const search = document.getElementById('search');
const count = document.getElementById('basket-count');

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// #/search/lamp -> ['search', 'lamp']
function place() {
  const [page = '', rest = ''] = location.hash.replace(/^#\/?/, '').split(/\/(.*)/s);
  return [page, decode(rest)];
}

function nowhere(page) {
  title('No such page');
  show(emptyState('No such page', `This shop has no page “${page}”. The link may be mistyped or old.`, h('a', { class: 'button primary', href: '#/' }, 'To the shelves')));
}

function open() {
  const [page, rest] = place();
  leaveBrowse();
  leaveOrder();
  document.querySelectorAll('[data-nav]').forEach((link) => {
    if (link.dataset.nav === page) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  });
  if (page !== 'search' && document.activeElement !== search) search.value = '';
  if (page === 'search' && search.value.trim() !== rest) search.value = rest;
  if (page === 'basket') basketPage();
  else if (page === 'product') productPage(rest);
  else if (page === 'order') orderPage(rest);
  else if (page === 'orders') ordersPage();
  else if (page === 'search' || page === '') browse(page === 'search' ? rest : '');
  else nowhere(page);
}

function follow() {
  // Following a link moves the reading position to the new page; typing in the search box does not.
  if (document.activeElement !== search) {
    document.getElementById('main').focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  open();
}

let typing;
function searchNow() {
  clearTimeout(typing);
  const text = search.value.trim();
  const hash = text ? `#/search/${encodeURIComponent(text)}` : '#/';
  if (location.hash === hash) return;
  // One entry in the history per search, not one per letter.
  if (place()[0] === 'search') {
    history.replaceState(null, '', hash);
    open();
  } else {
    location.hash = hash;
  }
}
search.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(searchNow, 220);
});
document.getElementById('search-form').addEventListener('submit', (event) => {
  event.preventDefault();
  searchNow();
});
document.addEventListener('keydown', (event) => {
  const inField = event.target.closest?.('input, select, textarea');
  if (event.key === '/' && !inField && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

function showCount() {
  const pieces = store.basket().reduce((n, l) => n + l.quantity, 0);
  count.hidden = pieces === 0;
  count.textContent = pieces > 999 ? '999+' : String(pieces);
}
store.onBasketChange(showCount);

function applyTheme() {
  const name = store.theme();
  if (name) document.documentElement.dataset.theme = name;
}
document.getElementById('theme').addEventListener('click', () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  store.rememberTheme(dark ? 'light' : 'dark');
  applyTheme();
});

window.addEventListener('hashchange', follow);
applyTheme();
showCount();
open();
