// Nanoseconds per call through the circuit breakers of npm: opossum and cockatiel. Prints "NAME NANOSECONDS" lines.
//
//   node node_breakers.mjs FOLDER CALLS      FOLDER: where `npm install opossum cockatiel` was done
import { createRequire } from "node:module";

const [folder, calls] = [process.argv[2], Number(process.argv[3])];
const require = createRequire(folder + "/");
const Opossum = require("opossum");
const cockatiel = require("cockatiel");

async function time(name, n, call) {
  for (let i = 0; i < n / 4; ++i) await call();
  const from = process.hrtime.bigint();
  for (let i = 0; i < n; ++i) await call();
  console.log(name, Number(process.hrtime.bigint() - from) / n);
}

const works = async () => 1;
const fails = async () => {
  throw new Error("down");
};
const refused = (call) => async () => {
  try {
    await call();
  } catch {}
};

await time("bare", calls, works);

const defaults = new Opossum(works);
await time("opossum", calls, () => defaults.fire());
defaults.shutdown();

const untimed = new Opossum(works, { timeout: false });
await time("opossum_without_timeout", calls, () => untimed.fire());
untimed.shutdown();

const open = new Opossum(fails, { resetTimeout: 3_600_000 });
open.open();
await time("opossum_refused", calls / 4, refused(() => open.fire()));
open.shutdown();

const sampling = () => new cockatiel.SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 2 });
const policy = (halfOpenAfter) => cockatiel.circuitBreaker(cockatiel.handleAll, { halfOpenAfter, breaker: sampling() });
const closed = policy(10_000);
await time("cockatiel", calls, () => closed.execute(works));

const isolated = policy(3_600_000);
const held = isolated.isolate();
await time("cockatiel_refused", calls / 4, refused(() => isolated.execute(works)));
held.dispose();
