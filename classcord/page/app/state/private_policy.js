/**
 * Which role may write privately to which other. Knows neither requests nor views.
 */
import { signal } from "../../vendor/signals.js";
import { atLeast, me } from "./me.js";
import { knownRole } from "./people.js";

/** For each role those to whom it may write, and the policy's name; null: not known yet. */
export const privatePolicy = signal(null);

/** Note the answer to `private_policy`, where roles are a list, or the event, where they are an object. */
export function setPrivatePolicy({ policy, roles }) {
  const pairs = Array.isArray(roles) ? roles.map(({ role, may_write_to: to }) => [role, to]) : Object.entries(roles);
  privatePolicy.value = { policy, to: new Map(pairs) };
}

/** Whether this person may write to somebody; yes if it is not known: the server decides, and says why not. */
export function mayWriteTo(name) {
  const role = knownRole(name);
  const open = privatePolicy.value?.to.get(me.value?.role);
  return !open || !role || name === me.value.name || open.includes(role);
}

/** Whether somebody is known to keep order. */
export const keepsOrder = (name) => atLeast(knownRole(name), "moderator");

export function forgetPrivatePolicy() {
  privatePolicy.value = null;
}
