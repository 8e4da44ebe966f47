// The operations port's pages and commands. Failures are thrown as `Problem`, from problem+json (RFC 9457).

export class Problem extends Error {
  constructor(status, text, reason = '') {
    super(text);
    Object.assign(this, { status, text, reason });
  }
}

async function call(path, init, seconds = 30) {
  let response;
  try {
    response = await fetch(path, { ...init, credentials: 'omit', signal: AbortSignal.timeout(seconds * 1000) });
  } catch (failure) {
    const isLate = failure.name === 'TimeoutError';
    const text = isLate ? `The node did not answer within ${seconds} seconds.` : 'The node can not be reached.';
    throw new Problem(0, text, isLate ? 'late' : '');
  }
  const text = await response.text();
  let content = {};
  try {
    content = text === '' ? {} : JSON.parse(text);
  } catch {
    if (response.ok) throw new Problem(response.status, 'The answer is not JSON.');
  }
  // /readyz answers 503 with what there is to know.
  if (response.ok || content.checks) return content;
  throw new Problem(
    response.status,
    content.detail ?? content.title ?? `The node answered with status ${response.status}.`,
    content.reason,
  );
}

export const get = (path) => call(path, {});
// A command. Only a page of this origin can send the header, and no cookie speaks for an operator.
export const post = (path, token, seconds) =>
  call(path, { method: 'POST', headers: { Authorization: `Bearer ${token}` } }, seconds);

// path`/parked/${view}/${stream}/replay`: each value is one segment.
export const path = (parts, ...values) =>
  parts.reduce((all, part, i) => all + encodeURIComponent(values[i - 1]) + part);
