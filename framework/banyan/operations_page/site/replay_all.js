// Replays all dead letters of a group, one after the other in the order of the journal, as the command line does. It
// goes on while other views are shown, until it is done or stopped.
import { get, path, Problem } from './api.js';
import { attribute, dialog, h, keyed, say, toast } from './dom.js';
import { plural } from './format.js';
import { send } from './token.js';

// What the node allows a replay, five minutes, and some seconds.
const longest = 310;

let running = null; // {key, of, handled, stay, why, stops}

const keyOf = (g) => `${g.topic}\n${g.group}`;

// A line for each group that has several letters: how many, and the button. `changed` is called after each replay,
// `ended` after the last.
export function makeReplayBar(changed, ended) {
  const list = h('ul', { class: 'groups', 'aria-label': 'Groups with dead letters', hidden: true });
  const make = (g) =>
    h(
      'li',
      {},
      h('span', {}, h('b', {}, g.group), ' ', h('span', { class: 'quiet' }, `of ${g.topic}`)),
      h('span', { class: 'quiet', role: 'status' }),
      h('progress', { 'aria-label': `Replayed of ${g.group}`, hidden: true }),
      h('button', { type: 'button', 'data-replay-all': g.group, onclick: () => press(g, changed, ended) }),
    );
  return {
    element: list,
    // `groups`: [{topic, group, letters}]
    show(groups) {
      const shown = groups.filter((g) => g.letters > 1 || running?.key === keyOf(g));
      keyed(list, shown, keyOf, make, update);
      attribute(list, 'hidden', shown.length === 0);
    },
  };
}

function update(li, g) {
  const [, told, progress, button] = li.children;
  const mine = running?.key === keyOf(g) ? running : null;
  const done = mine ? mine.handled + mine.stay : 0;
  const stay = mine?.stay > 0 ? `, ${mine.stay} stay` : '';
  say(told, mine ? `${done} of ${mine.of} replayed${stay}` : plural(g.letters, 'event'));
  attribute(progress, 'hidden', !mine);
  attribute(progress, 'max', mine?.of);
  attribute(progress, 'value', mine ? done : null);
  say(button, mine ? (mine.stops ? 'Stopping …' : 'Stop') : 'Replay all');
  attribute(button, 'disabled', Boolean(mine?.stops) || (Boolean(running) && !mine));
}

async function press(g, changed, ended) {
  if (running?.key === keyOf(g)) running.stops = true;
  if (running) return changed();
  const answer = await dialog(
    `Replay all dead letters of ${g.group}?`,
    [
      h('p', {}, `Each event of ${g.topic} that ${g.group} gave up is delivered again, one after the other.`),
      h('p', { class: 'quiet' }, 'What is handled leaves the list; what fails again stays, with the new reason.'),
    ],
    [
      { label: 'Cancel', value: '' },
      { label: 'Replay all', value: 'replay', primary: true },
    ],
  );
  return answer === 'replay' && !running ? run(g, changed, ended) : undefined;
}

async function run(g, changed, ended) {
  running = { key: keyOf(g), of: 0, handled: 0, stay: 0, why: '', stops: false };
  try {
    // All are listed before the first is replayed: one that fails again keeps its place, and is asked once.
    const letters = await list(g);
    running.of = letters.length;
    changed();
    for (const letter of letters) {
      if (running.stops || !(await replay(letter))) break;
      changed();
    }
    tell(running);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const { of, handled, stay } = running;
    const done = handled + stay > 0 ? ` ${handled} of ${of} were handled${stay > 0 ? `, ${stay} stay` : ''}.` : '';
    toast(problem.text + done, 'bad');
  } finally {
    running = null;
    ended();
  }
}

const most = 100_000;

async function list(g) {
  const letters = [];
  let after = '';
  do {
    const next = after && path`&after=${after}`;
    const page = await get(path`/dead-letters?limit=1000&topic=${g.topic}&group=${g.group}` + next);
    letters.push(...page.letters);
    after = page.next ?? '';
  } while (after && letters.length < most && !running.stops);
  return letters;
}

// Whether to go on: not without a token, nor when nobody answers.
async function replay(letter) {
  const which = letter.event ? path`?event=${letter.event}` : '';
  try {
    const { topic, group, position } = letter;
    const answer = await send(path`/dead-letters/${topic}/${group}/${position}/replay` + which, longest);
    if (!answer) return false;
    ++running.handled;
  } catch (problem) {
    const isLate = problem.reason === 'late'; // its handler hangs, and those behind it need not wait
    if (!(problem instanceof Problem) || problem.status === 403 || (problem.status === 0 && !isLate)) throw problem;
    if (problem.status === 404 && problem.text.startsWith('no subscription')) throw problem;
    if (problem.status === 404) ++running.handled; // somebody else has replayed it
    else {
      ++running.stay;
      running.why = problem.text;
    }
  }
  return true;
}

function tell({ of, handled, stay, why }) {
  if (of === 0) toast('There are none any more.');
  else if (handled + stay === 0) toast('Nothing was replayed.');
  else if (stay === 0) toast(`${plural(handled, 'event')} handled.`);
  else toast(`${handled} handled, ${stay} ${stay === 1 ? 'stays' : 'stay'}: ${why}`, 'bad');
}
