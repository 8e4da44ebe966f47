// What this browser remembers: the basket, who orders, and the position of its last write. Kept in localStorage, shared between tabs;
// when storage is refused (private windows) it lives as long as the page.

const memory = new Map();
const listeners = new Set();

function read(key, otherwise) {
  try {
    const text = localStorage.getItem(`banyan.${key}`);
    return text === null ? memory.get(key) ?? otherwise : JSON.parse(text);
  } catch {
    return memory.get(key) ?? otherwise;
  }
}

function write(key, value) {
  memory.set(key, value);
  try {
    localStorage.setItem(`banyan.${key}`, JSON.stringify(value));
  } catch { /* refused or full: memory has it */ }
}

// Ten letters and digits that cannot be misread (Crockford's base 32): 50 random bits, "W-7K3M9-Q2XTB".
function newId(prefix) {
  const letters = [...crypto.getRandomValues(new Uint8Array(10))].map((b) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[b % 32]).join('');
  return `${prefix}-${letters.slice(0, 5)}-${letters.slice(5)}`;
}

export const onBasketChange = (listener) => listeners.add(listener);
window.addEventListener('storage', (event) => {
  if (event.key === 'banyan.basket') listeners.forEach((l) => l());
});

const validLine = (l) => l && typeof l.sku === 'string' && Number.isInteger(l.quantity) && l.quantity > 0 && Number.isInteger(l.price?.minor);

export const maxQuantity = 999;

export function basket() {
  const lines = read('basket', []);
  return Array.isArray(lines) ? lines.filter(validLine) : [];
}

export const inBasket = (sku) => basket().find((l) => l.sku === sku)?.quantity ?? 0;

// Every change of the basket makes it another order; until then, sending it again is sending the same order again.
function setBasket(lines) {
  write('basket', lines);
  write('order', null);
  listeners.forEach((l) => l());
}

export function addToBasket(product, quantity) {
  const lines = basket();
  const line = lines.find((l) => l.sku === product.sku);
  if (line) Object.assign(line, { price: product.price, name: product.name, quantity: Math.min(line.quantity + quantity, maxQuantity) });
  else lines.push({ sku: product.sku, name: product.name, price: product.price, quantity: Math.min(quantity, maxQuantity) });
  setBasket(lines);
}

export function setQuantity(sku, quantity) {
  setBasket(basket().map((l) => (l.sku === sku ? { ...l, quantity } : l)).filter((l) => l.quantity > 0));
}

export const emptyBasket = () => setBasket([]);

// The id under which the basket as it is now gets ordered.
export function orderId() {
  const id = read('order', null) ?? newId('W');
  write('order', id);
  return id;
}

export const customer = () => read('customer', null);   // {id, name, country} once something was ordered
export function rememberCustomer(details) {
  const known = { id: customer()?.id ?? newId('C'), ...details };
  write('customer', known);
  return known;
}

export const position = () => read('position', '');
export const rememberPosition = (token) => { if (token) write('position', token); };

export const theme = () => read('theme', '');
export const rememberTheme = (name) => write('theme', name);
