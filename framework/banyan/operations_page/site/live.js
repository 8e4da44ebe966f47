// What the node says while the page is open: the state, kept by the events of /live.
//
//   onChange((topics) => { if (topics.has('health')) show(state.health); });
//
// Listeners are called at most once a frame, with the names of the events that came. While the page is hidden for
// long the stream is closed, so that the node is not asked for what nobody sees.

export const state = {
  connection: 'connecting', // live, lost, paused
  node: null,
  health: null,
  topology: null,
  metrics: new Map(), // family -> Map of labels as text -> value
  inspections: new Map(), // name -> content
  unfit: new Map(), // name -> why an inspection is not told
  at: 0, // of the last sample, in ms of the node's clock
  revision: 0, // of the inspections and the plan
};

const listeners = new Set();
const changed = new Set();
let source = null;
let retry = 0;
let hiddenTimer = 0;

export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(topic) {
  if (changed.size === 0) {
    // A frame does not come while the page is hidden.
    if (document.hidden) setTimeout(flush, 200);
    else requestAnimationFrame(flush);
  }
  changed.add(topic);
}

function flush() {
  const topics = new Set(changed);
  changed.clear();
  for (const listener of listeners) listener(topics);
}

function setConnection(now) {
  if (state.connection === now) return;
  state.connection = now;
  tell('connection');
}

const readers = {
  node(node) {
    if (state.node && state.node.started !== node.started) {
      // Another process: nothing that was known is known of it.
      state.inspections.clear();
      state.metrics.clear();
      ++state.revision;
      tell('restarted');
    }
    state.node = node;
  },
  tick(tick) {
    state.at = tick.at;
  },
  health(health) {
    state.health = health;
  },
  topology(topology) {
    state.topology = topology;
  },
  metric({ name, series }) {
    state.metrics.set(name, new Map(Object.entries(series)));
  },
  inspection({ name, content, unfit }) {
    ++state.revision;
    if (unfit === undefined) state.inspections.set(name, content);
    else state.unfit.set(name, unfit);
  },
};

export function connect() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource('/live');
  source.onopen = () => setConnection('live');
  source.onerror = () => {
    setConnection('lost');
    // A refused stream (503, a node that is gone for long) is not opened again by the browser.
    if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, 2000);
  };
  for (const [topic, read] of Object.entries(readers))
    source.addEventListener(topic, (event) => {
      read(JSON.parse(event.data));
      tell(topic);
    });
}

export function watchVisibility() {
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) {
      hiddenTimer = setTimeout(() => {
        source?.close();
        setConnection('paused');
      }, 15000);
    } else if (state.connection === 'paused') connect();
  });
}
