// Following one order until it is confirmed or cancelled, and the list of this browser's orders.
import * as api from './api.js';
import { emptyState, errorState, h, show, title, toast, when } from './dom.js';
import * as money from './money.js';
import * as store from './store.js';

const steps = {
  placed: 'The shop has it: it is in the journal and cannot get lost.',
  confirmed: 'It is paid, and all goods were taken from stock.',
  cancelled: 'It will not be delivered, and nothing is owed; what was paid is paid back.',
};
const reasons = {
  out_of_stock: 'Not enough was in stock, so it will not be delivered. Nothing is owed.',
  payment_declined: 'The card was declined, so it will not be delivered. Nothing is owed.',
  payment_mismatched: 'The payment went wrong, so it will not be delivered. What was paid is paid back.',
};
const ahead = (reason) => (reason ? `The goods are reserved; ${reason} …` : 'Waiting for the goods to be taken from stock …');
const statusNames = { placed: 'Placed', confirmed: 'Confirmed', cancelled: 'Cancelled' };

function progress({ status, cancel_reason: reason, status_reason: waiting }) {
  const path = status === 'cancelled' ? ['placed', 'cancelled'] : ['placed', 'confirmed'];
  const reached = path.indexOf(status);
  return h('ol', { class: `steps ${status}`, 'aria-label': 'Progress of the order' }, path.map((step, i) =>
    h('li', { class: i < reached || status !== 'placed' ? 'done' : i === reached ? 'now' : 'ahead', 'aria-current': i === reached && 'step' },
      h('strong', {}, statusNames[step]), h('span', {}, i <= reached ? (step === 'cancelled' && reasons[reason]) || steps[step] : ahead(waiting)))));
}

// Orders name goods by code; the catalog knows what they are called.
const names = new Map();
async function nameGoods(order) {
  const unknown = [...new Set(order.lines.map((l) => l.sku))].filter((sku) => !names.has(sku)).slice(0, 40);
  await Promise.allSettled(unknown.map(async (sku) => names.set(sku, (await api.product(sku)).name)));
  document.querySelectorAll('td [data-sku]').forEach((link) => { link.textContent = names.get(link.dataset.sku) ?? link.dataset.sku; });
}

function linesOf(order) {
  return h('table', {}, h('thead', {}, h('tr', {}, ['Product', 'Each', 'Quantity', 'Sum'].map((c, i) => h('th', { scope: 'col', class: i > 0 && 'number' }, c)))),
    h('tbody', {}, order.lines.map((l) => h('tr', {},
      h('td', {}, h('a', { href: `#/product/${encodeURIComponent(l.sku)}`, 'data-sku': l.sku }, names.get(l.sku) ?? l.sku)),
      h('td', { class: 'number' }, money.text(l.unit_price)), h('td', { class: 'number' }, String(l.quantity)), h('td', { class: 'number' }, money.text(l.total))))),
    h('tfoot', {}, h('tr', {}, h('th', { scope: 'row', colspan: 3 }, 'Total'), h('td', { class: 'number' }, money.text(order.total)))));
}

let following = null;

export function leaveOrder() {
  following?.abort();
  following = null;
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); });
  });
}

// Asks again until the order has come to rest: soon at first, then less and less often, so that what is shown is late by a quarter of the
// order's age at most; not at all while nobody looks.
export async function orderPage(id) {
  leaveOrder();
  following = new AbortController();
  const { signal } = following;
  title(`Order ${id}`);
  show(h('p', { class: 'quiet' }, 'Looking the order up …'));
  const live = h('p', { class: 'quiet', role: 'status', 'aria-live': 'polite' });
  let shown = '';
  for (let wait = 80; !signal.aborted; wait = Math.min(wait * 1.25, 5000)) {
    try {
      const order = await api.order(id, store.position(), signal);
      if (signal.aborted) return;
      live.textContent = '';
      const state = order.status + (order.status_reason ?? '');
      if (state !== shown) {
        const cancel = h('button', { type: 'button', onclick: () => cancelOrder(id, cancel) }, 'Cancel the order');
        show(h('h1', {}, `Order ${order.id}`), h('p', { class: 'quiet' }, 'Placed ', when(order.placed_at)), progress(order), live, linesOf(order),
          h('p', { class: 'actions' }, order.status !== 'cancelled' && order.kind !== 'return' && cancel, h('a', { class: 'button', href: '#/orders' }, 'My orders'), h('a', { class: 'button', href: '#/' }, 'Back to the shelves')));
        nameGoods(order);
        if (shown) toast(order.status_reason ? `The order is ${order.status_reason}` : `The order is ${order.status}`);
        shown = state;
      }
      if (order.status !== 'placed') return;
    } catch (problem) {
      if (signal.aborted) return;
      if (problem.status === 404) return show(emptyState('No such order', `The shop knows no order “${id}”. The number may be mistyped, or the shop was started with other data.`, h('a', { class: 'button', href: '#/orders' }, 'My orders')));
      if (!shown) return show(errorState(problem, () => orderPage(id)));
      live.textContent = `${problem.title}; asking again in ${Math.round(wait / 1000) || 1} s.`;
    }
    await pause(wait, signal);
    while (document.hidden && !signal.aborted) await pause(500, signal);
  }
}

async function cancelOrder(id, button) {
  button.disabled = true;
  try {
    const { position } = await api.cancelOrder(id);
    store.rememberPosition(position);
    orderPage(id);
  } catch (problem) {
    button.disabled = false;
    toast(`${problem.title}. ${problem.text}`);
  }
}

function entry(o) {
  return h('li', {}, h('a', { href: `#/order/${encodeURIComponent(o.id)}` },
    h('span', {}, h('strong', {}, o.id), h('br'), h('span', { class: 'quiet' }, when(o.placed_at))),
    h('span', { class: `status ${o.status}` }, statusNames[o.status] ?? o.status), h('span', { class: 'price' }, money.text(o.total))));
}

export async function ordersPage() {
  title('My orders');
  const heading = h('h1', {}, 'My orders');
  const customer = store.customer();
  if (!customer)
    return show(heading, emptyState('No orders yet', 'Nothing was ordered from this browser. Once something is, you can follow it here.', h('a', { class: 'button primary', href: '#/' }, 'To the shelves')));
  show(heading, h('p', { class: 'quiet' }, 'Looking them up …'));
  try {
    const { orders, next } = await api.ordersOf(customer.id, store.position());
    if (orders.length === 0)
      return show(heading, emptyState('No orders yet', `The shop has no orders of ${customer.name}. An order shows here as soon as it is placed.`, h('a', { class: 'button primary', href: '#/' }, 'To the shelves')));
    const list = h('ul', { class: 'orders' }, orders.map(entry));
    const below = h('div', { class: 'below' });
    const offerMore = (after) => {
      if (!after) return below.replaceChildren();
      const button = h('button', { type: 'button', onclick: async () => {
        button.disabled = true;
        try {
          const page = await api.ordersOf(customer.id, '', after);
          list.append(...page.orders.map(entry));
          offerMore(page.next);
        } catch (problem) {
          button.disabled = false;
          toast(`${problem.title}. ${problem.text}`);
        }
      } }, 'Show older ones');
      below.replaceChildren(button);
    };
    offerMore(next);
    show(heading, list, below);
  } catch (problem) {
    if (problem.status === 404) return show(heading, emptyState('No orders yet', 'The shop does not know this browser yet. It may have been started with other data.', h('a', { class: 'button primary', href: '#/' }, 'To the shelves')));
    show(heading, errorState(problem, ordersPage));
  }
}
