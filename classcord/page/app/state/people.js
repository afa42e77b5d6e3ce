/**
 * Who is here and in which state, who belongs to which channel, and the roles that have been heard. Knows neither
 * requests nor views.
 */
import { signal } from "../../vendor/signals.js";

/** The state of whoever is here, by name: online, away, dnd, busy. Whoever is missing is not here. */
export const present = signal(new Map());

/** The role of whoever is more or less than a plain member, by name. */
export const roles = signal(new Map());

/** Who moderates a channel alone, by its name, for channels whose list was asked: arrays of names. */
export const channelModerators = signal(new Map());

/** The members of a channel, by its name, for channels whose list was asked: arrays of names. */
export const members = signal(new Map());

/** The channels whose members are known as they are now: since the list came, each arrival and departure was heard. */
const current = new Set();
export const knowsMembers = (channel) => current.has(channel);

/** Whether a name stands for somebody who was erased: the server writes it in parentheses, which no name has. */
export const isNobody = (name) => name.startsWith("(");

/** Somebody's role, if it was heard: of who is in a list that has come, or has written. */
export function knownRole(name) {
  const role = roles.value.get(name);
  if (role || !name) return role;
  return [...members.value.values()].some((names) => names.includes(name)) ? "member" : undefined;
}

const HIDDEN = new Set(["offline", "invisible"]);

/** Replace all that was known by the answer to `users`; who is here in another state than online keeps it. */
export function setPresent(names) {
  current.clear(); // it is asked for after a lost link
  const before = present.value;
  present.value = new Map(names.map((name) => [name, before.get(name) ?? "online"]));
}

export function setState(name, state) {
  const changed = new Map(present.value);
  if (HIDDEN.has(state)) changed.delete(name);
  else changed.set(name, state);
  present.value = changed;
}

export const setRole = (name, role) => setRoles([[name, role]]);

/** Note the roles of some people: pairs of a name and a role, or nothing for a role that was not told. */
export function setRoles(pairs) {
  const heard = new Map(pairs.filter(([name, role]) => role && (roles.value.get(name) ?? "member") !== role));
  if (!heard.size) return;
  const changed = new Map(roles.value);
  for (const [name, role] of heard) {
    if (role === "member") changed.delete(name);
    else changed.set(name, role);
  }
  roles.value = changed;
}

/** Note the answer to `members`. */
export function setMembers({ channel, members: names, online, roles: known = {}, states = {}, moderators = [] }) {
  current.add(channel);
  channelModerators.value = new Map(channelModerators.value).set(channel, moderators);
  members.value = new Map(members.value).set(channel, names);
  const here = new Map(present.value);
  const onlineNames = new Set(online);
  for (const name of names) {
    if (!onlineNames.has(name)) here.delete(name);
    else here.set(name, states[name] ?? "online");
  }
  present.value = here;
  const changed = new Map(roles.value);
  for (const name of names) changed.delete(name);
  for (const [name, role] of Object.entries(known)) changed.set(name, role);
  roles.value = changed;
}

/** Note that a member moderates a channel, or does so no more. */
export function setModerates(channel, name, on) {
  const names = channelModerators.value.get(channel);
  if (!names) return;
  const others = names.filter((each) => each !== name);
  channelModerators.value = new Map(channelModerators.value).set(channel, on ? [...others, name] : others);
}

export function addMember(channel, name) {
  const names = members.value.get(channel);
  if (names && !names.includes(name)) members.value = new Map(members.value).set(channel, [...names, name]);
}

export function removeMember(channel, name) {
  const names = members.value.get(channel);
  if (names) members.value = new Map(members.value).set(channel, names.filter((each) => each !== name));
}

/** Take somebody out of every list: nobody has this name any more. */
export function removePerson(name) {
  for (const channel of members.value.keys()) removeMember(channel, name);
  setState(name, "offline");
  setRole(name, "member");
}

export function forgetPeople() {
  current.clear();
  present.value = new Map();
  roles.value = new Map();
  members.value = new Map();
  channelModerators.value = new Map();
}
