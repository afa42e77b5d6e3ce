/**
 * The tokens by which this browser's tabs resume their sessions. Each tab has its own: a token that another tab is using
 * is left alone, in a duplicated tab too, which has a copy of the first one's storage.
 *
 * A session is kept for the tab only (it survives a reload), or for this browser when the person wishes so. Knows
 * neither the connection nor any view.
 */
const NAME = "classcord-sessions"; // a list of {token, user, lock}, newest first, in either storage
const ANSWER_TIME = 200; // milliseconds in which another tab says that it uses a session
const MOST = 10; // sessions kept by a browser; the oldest are forgotten

let current = null; // what this tab uses: {token, user, lock}
let letGo = () => {};

const channel = new BroadcastChannel(NAME);
channel.onmessage = ({ data }) => {
  if (data.asks && data.asks === current?.lock) channel.postMessage({ uses: current.lock });
};

/** The token that this tab may resume with, and whose it is; null if there is none. */
export async function claim() {
  if (current) return current;
  for (const storage of [sessionStorage, localStorage]) {
    for (const kept of read(storage)) {
      if (await claimed(kept.lock)) {
        current = kept;
        return kept;
      }
    }
  }
  return null;
}

/** Keep the token of a session that has just begun; `stay` keeps it after the browser was closed. */
export async function keep(token, user, stay) {
  forget();
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  const kept = { token, user, lock: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
  const storage = stay ? localStorage : sessionStorage;
  const others = stay ? read(storage).slice(0, MOST - 1) : [];
  write(storage, [kept, ...others]);
  await claimed(kept.lock);
  current = kept;
}

/** Forget this tab's token: it logged out, or the server does not take it any more. */
export function forget() {
  if (!current) return;
  for (const storage of [sessionStorage, localStorage]) {
    write(storage, read(storage).filter(({ lock }) => lock !== current.lock));
  }
  current = null;
  letGo();
}

/** Hold the session's name for as long as this tab lives; false if another tab holds it. */
function claimed(lock) {
  if (navigator.locks) {
    return new Promise((resolve) => {
      navigator.locks.request(`${NAME}-${lock}`, { ifAvailable: true }, (granted) => {
        resolve(Boolean(granted));
        return granted && new Promise((release) => (letGo = release));
      });
    });
  }
  // Browsers have locks only on https and localhost. Elsewhere the tabs ask each other.
  return new Promise((resolve) => {
    const asking = new BroadcastChannel(NAME);
    const free = setTimeout(() => done(true), ANSWER_TIME);
    const done = (answer) => {
      clearTimeout(free);
      asking.close();
      resolve(answer);
    };
    asking.onmessage = ({ data }) => data.uses === lock && done(false);
    asking.postMessage({ asks: lock });
  });
}

function read(storage) {
  try {
    const kept = JSON.parse(storage.getItem(NAME));
    return Array.isArray(kept) ? kept.filter((each) => each?.token && each.lock) : [];
  } catch {
    return [];
  }
}

function write(storage, sessions) {
  if (sessions.length) storage.setItem(NAME, JSON.stringify(sessions));
  else storage.removeItem(NAME);
}
