// The shop's HTTP API. Failures are thrown as `Problem`, made from problem+json (RFC 9457) when the shop sent some.

export class Problem extends Error {
  constructor({ status = 0, title, text, reason = '', field = '', retryAfterMs = 0 }) {
    super(text);
    Object.assign(this, { status, title, text, reason, field, retryAfterMs });
  }
}

// Titles for people. What went wrong in detail is the shop's own sentence.
function titleOf(status) {
  if (status === 404) return 'Not found';
  if (status === 409) return 'That has changed meanwhile';
  if (status === 429) return 'The shop is busy';
  if (status === 400 || status === 422) return 'The shop could not accept this';
  if (status >= 500) return 'The shop cannot answer right now';
  return 'That did not work';
}

async function call(method, path, { body, position, signal } = {}) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (position) headers['X-Banyan-Position'] = position;
  const timeout = AbortSignal.timeout(15000);
  const cancelled = new AbortController();
  const stop = () => cancelled.abort();
  timeout.addEventListener('abort', stop);
  signal?.addEventListener('abort', stop);
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: cancelled.signal });
    const content = (response.headers.get('Content-Type') ?? '').includes('json') ? await response.json() : {};
    if (response.ok) return { content, position: response.headers.get('X-Banyan-Position') };
    // The shop was started with other data, or an older copy: what this browser has seen of the former ones means nothing there.
    if (position && response.status === 409 && content.field === 'X-Banyan-Position') return call(method, path, { body, signal });
    throw new Problem({
      status: response.status,
      title: titleOf(response.status),
      text: content.detail || content.title || `The shop answered with status ${response.status}.`,
      reason: content.reason,
      field: content.field,
      retryAfterMs: content.retry_after_ms,
    });
  } catch (failure) {
    if (failure instanceof Problem || signal?.aborted) throw failure;
    if (timeout.aborted) throw new Problem({ title: 'The shop is slow to answer', text: 'There was no answer within 15 seconds. Nothing is lost: try again.' });
    if (failure instanceof SyntaxError) throw new Problem({ status: response.status, title: 'The shop cannot be understood', text: 'Its answer is not JSON.' });
    throw new Problem({ title: 'The shop cannot be reached', text: 'It may be restarting, or the connection is down. Nothing is lost: try again.' });
  }
}

const e = encodeURIComponent;

export async function products({ text = '', after = '', limit = 48, signal } = {}) {
  const query = new URLSearchParams({ limit });
  if (text) query.set('text', text);
  if (after) query.set('after', after);
  return (await call('GET', `/products?${query}`, { signal })).content;
}
export const product = async (sku) => (await call('GET', `/products/${e(sku)}`)).content;
export const stock = async (sku) => (await call('GET', `/stock/${e(sku)}`)).content;
export const putCustomer = (id, customer) => call('PUT', `/customers/${e(id)}`, { body: customer });
export const placeOrder = (order) => call('POST', '/orders', { body: order });
export const cancelOrder = (id) => call('POST', `/orders/${e(id)}/cancel`, { body: {} });
export const order = async (id, position, signal) => (await call('GET', `/orders/${e(id)}`, { position, signal })).content;
export const ordersOf = async (customer, position, after) =>
  (await call('GET', `/customers/${e(customer)}/orders?limit=50${after ? `&after=${e(after)}` : ''}`, { position })).content;
