// The basket and the order form below it.
import * as api from './api.js';
import { picture } from './art.js';
import { tooFew } from './browse.js';
import { emptyState, h, show, title, toast } from './dom.js';
import * as money from './money.js';
import * as store from './store.js';

const countries = ['United Kingdom', 'Ireland', 'France', 'Germany', 'Netherlands', 'Spain', 'Portugal', 'Australia', 'Elsewhere'];

function line(entry, index) {
  const id = `quantity-${index}`;
  const change = (quantity) => {
    store.setQuantity(entry.sku, quantity);
    basketPage();
  };
  const input = h('input', { id, type: 'number', min: 1, max: store.maxQuantity, value: entry.quantity, inputmode: 'numeric', 'aria-label': `Quantity of ${entry.name}`,
    onchange: () => {
      const quantity = Math.round(Number(input.value));
      if (quantity >= 1 && quantity <= store.maxQuantity) change(quantity);
      else input.value = entry.quantity;
      document.getElementById(id)?.focus();
    } });
  return h('li', { 'data-line': index },
    picture(entry.sku),
    h('div', { class: 'what' }, h('a', { href: `#/product/${encodeURIComponent(entry.sku)}` }, entry.name), h('span', { class: 'quiet' }, `${money.text(entry.price)} each`),
      h('span', { class: 'wrong', role: 'alert' })),
    input,
    h('span', { class: 'price' }, money.text(money.times(entry.price, entry.quantity))),
    h('button', { type: 'button', class: 'icon', 'aria-label': `Remove ${entry.name}`, onclick: () => { change(0); toast(`${entry.name} is out of the basket`); } }, '×'));
}

function field(name, label, control, hint) {
  return h('div', { class: 'field', 'data-field': name }, h('label', { for: name }, label), control, hint && h('span', { class: 'quiet' }, hint), h('span', { class: 'wrong', role: 'alert', id: `${name}-wrong` }));
}

// Puts the shop's sentence where the fault is: at the field or the line that it names, otherwise above the button.
function showProblem(form, problem) {
  document.querySelectorAll('.wrong').forEach((box) => { box.textContent = ''; });
  const [, lineIndex] = /^lines\[(\d+)\]/.exec(problem.field ?? '') ?? [];
  const place = lineIndex !== undefined ? document.querySelector(`[data-line="${Number(lineIndex)}"]`) : problem.field && form.querySelector(`[data-field="${CSS.escape(problem.field)}"]`);
  const box = (place || form.querySelector('.whole')).querySelector('.wrong');
  box.textContent = place ? problem.text : `${problem.title}. ${problem.text}`;
  (place?.querySelector('input, select') ?? form.querySelector('button.primary')).focus();
}

async function placeOrder(form, lines) {
  const button = form.querySelector('button.primary');
  button.disabled = true;
  button.textContent = 'Placing the order …';
  try {
    const details = { name: form.elements.name.value.trim(), country: form.elements.country.value };
    const customer = store.rememberCustomer(details);
    await api.putCustomer(customer.id, details);
    const { content, position } = await api.placeOrder({
      id: store.orderId(),
      customer: customer.id,
      lines: lines.map((l, i) => ({ line: i + 1, sku: l.sku, quantity: l.quantity })),
    });
    store.rememberPosition(position);
    store.emptyBasket();
    if (content.rejected?.length > 0) toast(`${content.rejected.length} of ${lines.length} lines could not be accepted`);
    location.hash = `#/order/${encodeURIComponent(content.id)}`;
  } catch (problem) {
    button.disabled = false;
    button.textContent = 'Place the order';
    showProblem(form, problem);
  }
}

// Says at each line when less is in stock than it asks for. The shop decides when the order comes: what is not known here is not said.
async function compareWithStock(lines) {
  await Promise.allSettled(lines.slice(0, 40).map(async (l, i) => {
    const { on_hand: onHand } = await api.stock(l.sku);
    const box = document.querySelector(`[data-line="${i}"] .wrong`);
    if (box && store.basket()[i]?.sku === l.sku) box.textContent = tooFew(l.quantity, onHand);
  }));
}

export function basketPage() {
  title('Basket');
  const lines = store.basket();
  if (lines.length === 0)
    return show(h('h1', {}, 'Basket'), emptyState('Nothing in it yet', 'What you add on the shelves waits here, in this browser, until you order it.', h('a', { class: 'button primary', href: '#/' }, 'To the shelves')));
  const known = store.customer() ?? {};
  const form = h('form', { class: 'order-form', onsubmit: (event) => { event.preventDefault(); placeOrder(form, lines); } },
    h('h2', {}, 'Order'),
    field('name', 'Your name', h('input', { id: 'name', name: 'name', required: true, maxlength: 100, autocomplete: 'name', value: known.name ?? '', 'aria-describedby': 'name-wrong' })),
    field('country', 'Country', h('select', { id: 'country', name: 'country', autocomplete: 'country-name' }, countries.map((c) => h('option', { selected: c === known.country }, c)))),
    h('p', { class: 'total' }, h('span', {}, 'Total'), h('strong', {}, money.text(money.sum(lines.map((l) => money.times(l.price, l.quantity)))))),
    h('div', { class: 'whole' }, h('span', { class: 'wrong', role: 'alert' })),
    h('button', { class: 'primary wide' }, 'Place the order'),
    h('p', { class: 'quiet' }, 'Sent twice, it is still one order: its number is fixed before it leaves this page.'));
  show(h('h1', {}, 'Basket'), h('div', { class: 'two' }, h('ul', { class: 'lines' }, lines.map(line)), form));
  compareWithStock(lines);
}
