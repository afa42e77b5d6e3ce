/**
 * Who is writing at the moment, in each conversation. Knows neither requests nor views.
 */
import { signal } from "../../vendor/signals.js";

const LASTS = 5500; // milliseconds that an event is worth; it is sent again every three seconds

/** Names by the key of the conversation. */
export const typing = signal(new Map());
const ends = new Map(); // "key name" -> timer

export function begin(key, name) {
  const names = typing.value.get(key) ?? [];
  if (!names.includes(name)) typing.value = new Map(typing.value).set(key, [...names, name]);
  const timer = `${key} ${name}`;
  clearTimeout(ends.get(timer));
  ends.set(timer, setTimeout(() => end(key, name), LASTS));
}

export function end(key, name) {
  const names = typing.value.get(key);
  if (!names?.includes(name)) return;
  clearTimeout(ends.get(`${key} ${name}`));
  ends.delete(`${key} ${name}`);
  typing.value = new Map(typing.value).set(key, names.filter((each) => each !== name));
}
