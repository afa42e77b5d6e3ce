/**
 * When this person may write again in channels with a pause between two messages. Knows neither requests nor views.
 */
import { signal } from "../../vendor/signals.js";

/** Milliseconds since 1970, by the channel. */
export const pausedUntil = signal(new Map());

/** Note that nothing can be written for so many seconds; 0 ends the pause. */
export function pause(key, seconds) {
  const changed = new Map(pausedUntil.value);
  if (seconds > 0) changed.set(key, Date.now() + 1000 * seconds);
  else changed.delete(key);
  pausedUntil.value = changed;
}

export function forgetPauses() {
  pausedUntil.value = new Map();
}
