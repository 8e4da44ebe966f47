// Money is {minor, currency}: integers all the way, so that no penny is lost on the way to the eye.

// Digits of the minor unit by ISO 4217, where they are not 2, as the server counts them (banyan/core/money.cpp). Browsers take theirs from
// CLDR, which differs for some, e.g. IQD and AFN.
const digits = new Map([
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
].flatMap(([n, codes]) => codes.split(' ').map(code => [code, n])));
const formats = new Map();

function formatOf(currency) {
  const n = digits.get(currency.toUpperCase()) ?? 2;
  const fraction = { minimumFractionDigits: n, maximumFractionDigits: n };
  try {
    const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency, ...fraction });
    return amount => format.format(amount / 10 ** n);
  } catch {  // not three letters
    const format = new Intl.NumberFormat('en-GB', fraction);
    return amount => `${format.format(amount / 10 ** n)} ${currency}`;
  }
}

export function text(money) {
  if (!formats.has(money.currency)) formats.set(money.currency, formatOf(money.currency));
  return formats.get(money.currency)(money.minor);
}

export function times(money, quantity) {
  return { minor: money.minor * quantity, currency: money.currency };
}

export function sum(moneys) {
  return moneys.reduce((a, b) => ({ minor: a.minor + b.minor, currency: b.currency }), { minor: 0, currency: 'GBP' });
}
