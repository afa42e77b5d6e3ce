/**
 * The one connection of this tab, and how everything else asks the server. Knows no view.
 */
import { Connection } from "./connection.js";

const address = new URL("chat", location.href);
address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
address.hash = address.search = "";

export const connection = new Connection(address.href);

const READING = new Set(
  ("accounts audit bans blocks channels conversations description find_people held history invitation_codes lesson members my_sessions pins private_policy profile " +
    "quiet_hours read report_details reports requests sessions stats users whois").split(" "),
);
const ATTEMPTS = 4;
const LONGEST_WAIT = 10; // seconds

/**
 * Ask the server something: see docs/protocole.md. What only reads waits and is asked again when this person was too fast
 * for the server's limits, as somebody is who looks at many channels.
 */
export async function ask(type, fields) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connection.request(type, fields);
    } catch (error) {
      const soon = error.retryAfter > 0 && error.retryAfter <= LONGEST_WAIT;
      if (!READING.has(type) || error.code !== "rate_limited" || !soon || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * error.retryAfter));
    }
  }
}

/** Whether the server says that it can do this (`features` of hello). */
export const can = (feature) => connection.server.value?.features?.includes(feature) ?? false;

/** A limit of the server (`limits` of hello); 0 where there is none. */
export const limit = (name) => connection.server.value?.limits?.[name] ?? 0;

/** The browser's name: by it people recognise their own sessions. */
export function browser() {
  const agent = navigator.userAgent;
  const names = [["Firefox", "Firefox"], ["Edg", "Edge"], ["OPR", "Opera"], ["Chrome", "Chrome"], ["Safari", "Safari"]];
  return names.find(([word]) => agent.includes(word))?.[1] ?? "web";
}
