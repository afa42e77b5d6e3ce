/**
 * Messages on their way to the server. Each waits here until it is acknowledged: across lost links and reloads of the
 * page, under a `client_id` by which the server recognises one that it has already. Knows no view.
 */
import { effect, signal } from "../vendor/signals.js";
import { LOST, Refusal } from "./connection.js";
import { ask, connection } from "./server.js";
import { conversations, count, fieldsOf } from "./state/conversations.js";
import { addHeld } from "./state/held.js";
import { me, stage } from "./state/me.js";
import { add } from "./state/messages.js";
import { pause } from "./state/pauses.js";
import { members, present } from "./state/people.js";
import { keepsOrderIn } from "./state/writing.js";

const STORED = "classcord-outgoing";
const HEALED_BY_TIME = new Set(["rate_limited", "busy", "storage_unavailable", "maintenance"]);

/**
 * @typedef {object} Outgoing
 * @property {string} clientId
 * @property {string} author  who wrote it: another person who logs in here later does not send it
 * @property {string} key  the conversation
 * @property {string} content
 * @property {number} [replyTo]
 * @property {{token: string, shown: object}} [file]  one that is uploaded, and how people will see it
 * @property {string} timestamp
 * @property {{code: string, message: string}} [refusal]  why it was not taken; it then waits for the person's decision
 */

/** @type {import("../vendor/signals.js").Signal<Outgoing[]>} */
export const outgoing = signal(stored());

let sending = false;

/** Send a message as soon as possible. */
export function send(key, content, replyTo, file) {
  const timestamp = new Date().toISOString();
  replace([...outgoing.value, { clientId: uuid(), author: me.value.name, key, content, replyTo, file, timestamp }]);
  flush();
}

/** Try a refused message again. */
export function retry(clientId) {
  replace(outgoing.value.map((each) => (each.clientId === clientId ? { ...each, refusal: undefined } : each)));
  flush();
}

export function discard(clientId) {
  replace(outgoing.value.filter((each) => each.clientId !== clientId));
}

/** Forget what this person has not sent: they leave. */
export const discardAll = () => replace(outgoing.value.filter((each) => each.author !== me.value.name));

/** Send what waits whenever the link opens. */
export function keepSending() {
  effect(() => {
    if (connection.phase.value === "online" && stage.value === "in") queueMicrotask(flush);
  });
}

/** One after the other, so that they arrive in the order in which they were written. */
async function flush() {
  if (sending) return;
  sending = true;
  try {
    let next;
    while ((next = outgoing.value.find((each) => each.author === me.value?.name && !each.refusal))) await deliver(next);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  } finally {
    sending = false;
  }
}

async function deliver(waiting) {
  const { clientId, key, content, replyTo, file } = waiting;
  const privately = !key.startsWith("#");
  const where = privately ? { subtype: "private", to: key.slice(1) } : fieldsOf(key);
  try {
    const fields = { ...where, content, client_id: clientId, reply_to: replyTo, file: file?.token };
    const ack = await ask("message", fields);
    if (ack.status === "held") holdBack(waiting, ack);
    else arrive(waiting, ack);
    const conversation = conversations.value.get(key);
    if (conversation?.slow && !keepsOrderIn(conversation)) pause(key, conversation.slow);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === LOST) throw error;
    const paused = error.code === "rate_limited" && conversations.value.get(key)?.slow > 0;
    if (paused) pause(key, error.retryAfter);
    if (HEALED_BY_TIME.has(error.code) && !paused) {
      await new Promise((resolve) => setTimeout(resolve, 1000 * (error.retryAfter ?? 1)));
      return;
    }
    const refusal = { code: error.code, message: error.message };
    replace(outgoing.value.map((each) => (each.clientId === clientId ? { ...each, refusal } : each)));
  }
}

/** The message waits with the server: show it as one that nobody else reads yet. */
function holdBack({ clientId, key, content, file }, { held_id, why, until, timestamp }) {
  const where = key.startsWith("#") ? { channel: key } : { to: key.slice(1) };
  addHeld({ held_id, ...where, user: me.value.name, content, why, until, at: timestamp, file: file?.shown });
  discard(clientId);
}

/** The message is in the history now: show it there. */
function arrive({ clientId, key, content, replyTo, file }, { message_id, timestamp }) {
  const name = key.startsWith("#") ? { channel: key, to: key } : { channel: null, to: key.slice(1) };
  const { name: from, role } = me.value;
  const mentions = namesIn(content);
  const shown = { content, timestamp, reply_to: replyTo, mentions, file: file?.shown };
  const message = { type: "message", message_id, ...name, from, role, ...shown };
  add(key, message);
  count(key, message);
  discard(clientId);
}

/** Whom a text mentions, among the people who are known here: an `ack` does not say. */
function namesIn(content) {
  if (!content.includes("@")) return [];
  const known = new Set([...present.value.keys(), ...[...members.value.values()].flat()]);
  const text = content.toLowerCase();
  return [...known].filter((name) => text.includes(`@${name.toLowerCase()}`));
}

function replace(messages) {
  outgoing.value = messages;
  if (messages.length) sessionStorage.setItem(STORED, JSON.stringify(messages));
  else sessionStorage.removeItem(STORED);
}

function stored() {
  try {
    const messages = JSON.parse(sessionStorage.getItem(STORED));
    return Array.isArray(messages) ? messages : [];
  } catch {
    return [];
  }
}

/** A random UUID; browsers have their own only on https and localhost. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
