/**
 * The keys that work on the page, for who has no mouse or wants none.
 */
import { t } from "../../words.js";
import { html } from "../html.js";

const KEYS = [
  ["Ctrl K", "keys.switcher"],
  ["Alt ↑ ↓", "keys.step"],
  ["Alt Shift ↑ ↓", "keys.unread"],
  ["Enter", "keys.send"],
  ["Shift Enter", "keys.line"],
  ["↑", "keys.edit"],
  ["@ # :", "keys.complete"],
  ["Tab ↑ ↓", "keys.messages"],
  ["R E + P C", "keys.act"],
  ["Esc", "keys.close"],
  ["Ctrl /", "keys.this"],
];

export function View() {
  return html`<dl class="dialog-body keys">
    ${KEYS.map(
      ([keys, words]) => html`<div><dt>${keys.split(" ").map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${t(words)}</dd></div>`,
    )}
  </dl>`;
}
