/**
 * All channels that this person may see: to join, to ask to join, to open.
 */
import { attempt } from "../../actions/attempt.js";
import { join, open, refreshDirectory, withdraw } from "../../actions/conversations.js";
import { folded } from "../../emoji.js";
import { directory, requested } from "../../state/conversations.js";
import { t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Icon } from "../icons.js";

export function View({ close }) {
  const [typed, type] = useState("");
  useEffect(() => void attempt(refreshDirectory()), []);
  const wanted = folded(typed.replace(/^#/, ""));
  const all = [...directory.value.values()]
    .filter(({ name, topic }) => folded(name).includes(wanted) || folded(topic ?? "").includes(wanted))
    .sort((a, b) => (b.members ?? 0) - (a.members ?? 0) || a.name.localeCompare(b.name));
  return html`<div class="dialog-body">
    <input
      class="filter"
      type="search"
      placeholder=${t("browse.filter")}
      aria-label=${t("browse.filter")}
      value=${typed}
      onInput=${(event) => type(event.target.value)}
      autofocus
    />
    <ul class="choices-list">
      ${all.map((each) => html`<${Row} key=${each.name} channel=${each} close=${close} />`)}
    </ul>
    ${!all.length && html`<p class="hint">${t("browse.none")}</p>`}
  </div>`;
}

function Row({ channel, close }) {
  const { name, kind, topic, members, member, read_only: readOnly, closed } = channel;
  const waits = requested.value.has(name);
  const go = async () => {
    if (member) open(name);
    else if (!(await attempt(join(name)))) return;
    if (!requested.value.has(name)) close();
  };
  return html`<li class="choice">
    <span class="hash" aria-hidden="true">${kind === "open" || kind === "default" ? "#" : html`<${Icon} name="lock" />`}</span>
    <div class="choice-words">
      <strong>${name.slice(1)}</strong>
      <small>
        ${t(kind === "default" ? "browse.here" : "browse.members", { count: members ?? 0 })}${kind === "approval" && ` · ${t("kind.approval")}`}${readOnly && ` · ${t("browse.read_only")}`}${closed && ` · ${t("browse.closed")}`}
      </small>
      ${topic && html`<p>${topic}</p>`}
    </div>
    ${waits
      ? html`<span class="pending">${t("browse.pending")}</span>
          <button type="button" class="button small" onClick=${() => attempt(withdraw(name))}>${t("browse.withdraw")}</button>`
      : html`<button type="button" class=${member ? "button small" : "button small primary"} onClick=${go}>
          ${t(member ? "browse.open" : kind === "approval" ? "browse.ask" : "browse.join")}
        </button>`}
  </li>`;
}
