/**
 * What could be meant by the word that is being typed: a person after @, a channel after #, an emoji after a colon.
 */
import { findEmoji, folded } from "../emoji.js";
import { directory } from "../state/conversations.js";
import { logOf } from "../state/messages.js";
import { members, present } from "../state/people.js";
import { me } from "../state/me.js";

const WORD = /(^|[\s(])([@#:])([\p{L}\p{N}_.-]*)$/u;
const MOST = 8;

/**
 * The proposals for the text before the cursor: {start, kind, all: [{text, label}]}, or null.
 *
 * @param {string} before
 * @param {string} key  the conversation
 */
export function proposals(before, key) {
  const found = WORD.exec(before);
  if (!found) return null;
  const [, space, sign, typed] = found;
  const start = found.index + space.length;
  const all = { "@": people, "#": channels, ":": emoji }[sign](typed, key);
  return all.length ? { start, kind: sign, all: all.slice(0, MOST) } : null;
}

/** Who has spoken here last comes first, then who is here, then the other members. */
function people(typed, key) {
  const spoken = logOf(key).value.items.slice(-60).map((message) => message.from).reverse();
  const names = new Set([...spoken, ...present.value.keys(), ...(members.value.get(key) ?? [])]);
  names.delete(me.value.name);
  return begins([...names], typed).map((name) => ({ text: `@${name} `, label: name, name }));
}

function channels(typed) {
  const names = [...directory.value.keys()].map((name) => name.slice(1));
  return begins(names, typed).map((name) => ({ text: `#${name} `, label: `#${name}` }));
}

function emoji(typed) {
  if (typed.length < 2) return [];
  return findEmoji(typed, MOST).map((each) => ({ text: `${each.emoji} `, label: `${each.emoji} ${each.words}` }));
}

function begins(names, typed) {
  const wanted = folded(typed);
  return names.filter((name) => folded(name).split(/[\s._-]/).some((word) => word.startsWith(wanted)) || folded(name).startsWith(wanted));
}
