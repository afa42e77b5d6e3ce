/**
 * The one connection of this tab, and how everything else asks the server. Knows no view.
 */
import { Connection } from "./connection.js";

const address = new URL("chat", location.href);
address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
address.hash = address.search = "";

export const connection = new Connection(address.href);

/** Ask the server something: see docs/protocole.md. */
export const ask = (type, fields) => connection.request(type, fields);

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
