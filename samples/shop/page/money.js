// Money is {minor, currency}: integers all the way, so that no penny is lost on the way to the eye.

const formats = new Map();

export function text(money) {
  let format = formats.get(money.currency);
  if (!format) {
    format = new Intl.NumberFormat('en-GB', { style: 'currency', currency: money.currency });
    formats.set(money.currency, format);
  }
  return format.format(money.minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export function times(money, quantity) {
  return { minor: money.minor * quantity, currency: money.currency };
}

export function sum(moneys) {
  return moneys.reduce((a, b) => ({ minor: a.minor + b.minor, currency: b.currency }), { minor: 0, currency: 'GBP' });
}
