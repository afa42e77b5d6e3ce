/**
 * The channels that this person sees: what each is, who is in it, and what can be done with it.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { loadMembers, refreshDirectory } from "../../actions/conversations.js";
import { folded } from "../../emoji.js";
import { page, person } from "../../state/administration.js";
import { directory } from "../../state/conversations.js";
import { members } from "../../state/people.js";
import { dialog } from "../../state/screen.js";
import { sentence, t } from "../../words.js";
import { classes, html, useEffect, useState } from "../html.js";
import { Icon } from "../icons.js";
import { channelModeration } from "../moderating.js";
import { Empty, FormError, Spinner } from "../parts.js";

export function Channels() {
  const [typed, type] = useState("");
  const [refusal, setRefusal] = useState(null);
  useEffect(() => void attemptBeside(refreshDirectory(), setRefusal), []);
  const wanted = folded(typed.replace(/^#/, ""));
  const all = [...directory.value.values()]
    .filter(({ name, topic }) => folded(name).includes(wanted) || folded(topic ?? "").includes(wanted))
    .sort((a, b) => a.name.localeCompare(b.name));
  return html`<div class="administration-body">
    <div class="administration-tools">
      <div class="search-field">
        <${Icon} name="search" />
        <input type="search" placeholder=${t("browse.filter")} aria-label=${t("browse.filter")} value=${typed} onInput=${(event) => type(event.target.value)} autofocus />
      </div>
      <button type="button" class="button primary" onClick=${() => (dialog.value = { name: "create", back: dialog.value })}>
        <${Icon} name="plus" />${t("channels.create")}
      </button>
    </div>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${!all.length && html`<${Empty} icon="hash" title=${t("browse.none")} />`}
    <ul class="rows">
      ${all.map((each) => html`<${Row} key=${each.name} channel=${each} />`)}
    </ul>
    <p class="hint">${t("administration.private")}</p>
  </div>`;
}

function Row({ channel }) {
  const { name, kind, topic, members: count, read_only: readOnly, closed } = channel;
  const [open, setOpen] = useState(false);
  return html`<li class="row-card">
    <div class="row channel-row">
      <span class="hash" aria-hidden="true">${kind === "open" || kind === "default" ? "#" : html`<${Icon} name="lock" />`}</span>
      <span class="row-words">
        <strong>${name.slice(1)}</strong>
        <small>${t(`kind.${kind}`)}${topic && ` · ${topic}`}</small>
      </span>
      ${readOnly && html`<span class="badge">${t("browse.read_only")}</span>`}
      ${closed && html`<span class="badge">${t("browse.closed")}</span>`}
      <button type="button" class="button small" aria-expanded=${open} onClick=${() => setOpen(!open)}>
        <${Icon} name="people" />${t(kind === "default" ? "browse.here" : "browse.members", { count: count ?? 0 })}
      </button>
      ${channelModeration({ channel: name, kind, closed }, true).map(
        ([icon, words, act]) => html`<button type="button" class=${classes("button small", icon === "trash" && "dangerous")} aria-label=${`${t(words)} : ${name}`} onClick=${act}>
          <${Icon} name=${icon} />${t(`${words}.do`)}
        </button>`,
      )}
    </div>
    ${open && html`<${Members} name=${name} />`}
  </li>`;
}

function Members({ name }) {
  const [refusal, setRefusal] = useState(null);
  useEffect(() => void attemptBeside(loadMembers(name), setRefusal), [name]);
  const all = members.value.get(name);
  const look = (user) => {
    person.value = user;
    page.value = "people";
  };
  if (refusal) return html`<${FormError} refusal=${refusal} words=${sentence(refusal)} />`;
  if (!all) return html`<${Spinner} />`;
  if (!all.length) return html`<p class="hint">${t("administration.nobody")}</p>`;
  return html`<ul class="names">
    ${all.map((user) => html`<li key=${user}><button type="button" class="link" onClick=${() => look(user)}>${user}</button></li>`)}
  </ul>`;
}
