/**
 * The keys that work on the page, for who has no mouse or wants none.
 */
import { t } from "../../words.js";
import { html } from "../html.js";

/** What is pressed: keys, "with" between those pressed together, "," and "or" between those of which one is pressed. */
const KEYS = [
  ["Ctrl with K", "keys.switcher"],
  ["Alt with ↑ or ↓", "keys.step"],
  ["Alt with Shift with ↑ or ↓", "keys.unread"],
  ["Enter", "keys.send"],
  ["Shift with Enter", "keys.line"],
  ["↑", "keys.edit"],
  ["@ or # or :", "keys.complete"],
  ["Tab or ↑ or ↓", "keys.messages"],
  ["R , E , + , P or C", "keys.act"],
  ["Esc", "keys.close"],
  ["Ctrl with /", "keys.this"],
];
const NAMED = new Set(["Enter", "Shift", "Esc"]); // whose names are another in each language

export function View() {
  return html`<dl class="dialog-body keys">
    ${KEYS.map(([keys, words]) => html`<div><dt>${keys.split(" ").map(pressed)}</dt><dd>${t(words)}</dd></div>`)}
  </dl>`;
}

function pressed(key) {
  if (key === "with") return " + ";
  if (key === ",") return ", ";
  if (key === "or") return ` ${t("keys.or")} `;
  return html`<kbd>${NAMED.has(key) ? t(`key.${key}`) : key}</kbd>`;
}
