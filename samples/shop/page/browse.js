// The shelves: all products, or those that a search finds, a page at a time. And the page of one product.
import * as api from './api.js';
import { picture } from './art.js';
import { emptyState, errorState, h, show, title, toast } from './dom.js';
import * as money from './money.js';
import * as store from './store.js';

function add(product, quantity) {
  store.addToBasket(product, quantity);
  toast(`${product.name} is in the basket`);
}

function card(product) {
  const address = `#/product/${encodeURIComponent(product.sku)}`;
  return h('li', { class: 'card' },
    h('a', { href: address, class: 'face', tabindex: -1, 'aria-hidden': 'true' }, picture(product.sku)),
    h('h3', {}, h('a', { href: address }, product.name)),
    h('p', { class: 'buy' },
      h('span', { class: 'price' }, money.text(product.price)),
      h('button', { type: 'button', 'aria-label': `Add ${product.name} to the basket`, onclick: () => add(product, 1) }, 'Add')));
}

let underWay = null;

export async function browse(text) {
  underWay?.abort();
  underWay = new AbortController();
  const { signal } = underWay;
  title(text ? `Search: ${text}` : '');
  const heading = h('h1', {}, text ? `Search: “${text}”` : 'On the shelves');
  const count = h('p', { class: 'quiet', role: 'status', 'aria-live': 'polite' }, 'Looking …');
  const shelf = h('ul', { class: 'shelf', 'aria-busy': 'true' });
  const below = h('div', { class: 'below' });

  async function more(after) {
    const page = await api.products({ text, after, signal });
    const first = shelf.children.length;
    shelf.append(...page.products.map(card));
    const n = shelf.children.length;
    count.textContent = `${n}${page.next ? ' shown, there are more' : n === 1 ? ' product' : ' products'}`;
    below.replaceChildren();
    if (page.next) {
      const button = h('button', { type: 'button', onclick: async () => {
        button.disabled = true;
        try {
          await more(page.next);
          shelf.children[n]?.querySelector('h3 a')?.focus();
        } catch (problem) {
          button.disabled = false;
          if (!signal.aborted) toast(`${problem.title}. ${problem.text}`);
        }
      } }, 'Show more');
      below.append(button);
    }
    return first + page.products.length;
  }

  try {
    // The old shelf stays until the new one is known, so that typing does not flicker.
    const pending = more('');
    if (!document.querySelector('.shelf')) show(heading, count, shelf, below);
    const n = await pending;
    shelf.removeAttribute('aria-busy');
    if (n > 0) show(heading, count, shelf, below);
    else if (text) show(heading, emptyState('Nothing found', `No product's name or code contains “${text}”. A shorter or another word may help.`, h('a', { class: 'button', href: '#/' }, 'Show everything')));
    else show(heading, emptyState('The shelves are empty', 'This shop lists no products yet. `shop stock` puts a small catalogue on them, `shop replay FILE` the goods of a file of transactions.',
      h('button', { type: 'button', onclick: () => browse('') }, 'Look again')));
  } catch (problem) {
    if (!signal.aborted) show(heading, errorState(problem, () => browse(text)));
  }
}

// What a customer should know before ordering more than there is; nothing when there is enough.
export function tooFew(wanted, onHand) {
  if (wanted <= onHand) return '';
  return onHand > 0 ? `Only ${onHand.toLocaleString()} in stock: an order of ${wanted.toLocaleString()} would be cancelled` : 'Out of stock: the order would be cancelled';
}

export function leaveBrowse() {
  underWay?.abort();
}

export async function productPage(sku) {
  title(sku);
  show(h('p', { class: 'quiet' }, 'Fetching it from the shelf …'));
  let product;
  try {
    product = await api.product(sku);
  } catch (problem) {
    const body = problem.status === 404
      ? emptyState('No such product', `The shop does not list “${sku}”. It may never have, or the link is old.`, h('a', { class: 'button', href: '#/' }, 'Back to the shelves'))
      : errorState(problem, () => productPage(sku));
    return show(body);
  }
  const quantity = h('input', { type: 'number', id: 'quantity', min: 1, max: store.maxQuantity, value: 1, inputmode: 'numeric', required: true });
  title(product.name);
  const left = h('p', { class: 'quiet' }, product.stocked ? 'Looking how many are left …' : 'Always available');
  const short = h('p', { class: 'wrong', role: 'alert' });
  let onHand = Infinity;
  const compare = () => { short.textContent = tooFew(Number(quantity.value) + store.inBasket(sku), onHand); };
  quantity.addEventListener('input', compare);
  show(h('article', { class: 'product' },
    picture(product.sku),
    h('div', {},
      h('h1', {}, product.name),
      h('p', { class: 'quiet' }, `Code ${product.sku}`),
      h('p', { class: 'price large' }, money.text(product.price)),
      left,
      h('form', { class: 'row', onsubmit: (event) => { event.preventDefault(); add(product, Number(quantity.value)); compare(); } },
        h('label', { for: 'quantity' }, 'Quantity'), quantity, h('button', { class: 'primary' }, 'Add to basket')),
      short,
      h('p', {}, h('a', { href: '#/' }, '← Back to the shelves')))));
  if (!product.stocked) return;
  try {
    const level = await api.stock(product.sku);
    onHand = level.on_hand;
    left.textContent = onHand > 0 ? `${onHand.toLocaleString()} in stock` : 'Out of stock: an order of it would be cancelled';
    if (onHand > 0) compare();
  } catch (problem) {
    left.textContent = problem.status === 404 ? 'No stock is kept of this yet' : 'The stock is not known right now';
  }
}
