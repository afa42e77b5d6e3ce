/**
 * The settings of a channel: who writes and how fast, its name, who moderates it.
 */
import { attempt, attemptBeside } from "../../actions/attempt.js";
import { loadMembers } from "../../actions/conversations.js";
import { changeChannel, nameModerator } from "../../actions/moderation.js";
import { conversations } from "../../state/conversations.js";
import { atLeast, isModerator, me } from "../../state/me.js";
import { channelModerators, members, roles } from "../../state/people.js";
import { notify } from "../../state/screen.js";
import { lasting } from "../../times.js";
import { sentence, t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Avatar, Field, FormError } from "../parts.js";

const PAUSES = [0, 5, 10, 30, 60, 300, 900, 3600]; // seconds

export function View({ channel, close }) {
  const conversation = conversations.value.get(channel);
  if (!conversation) return null; // it was deleted meanwhile
  return html`<div class="dialog-body">
    <${Rules} conversation=${conversation} close=${close} />
    ${isModerator.value && html`<${Moderators} channel=${channel} />`}
  </div>`;
}

function Rules({ conversation, close }) {
  const [refusal, setRefusal] = useState(null);
  const { channel, kind, readOnly, guests, slow = 0, hold, closed } = conversation;
  const isDefault = kind === "default";
  const administers = atLeast(me.value.role, "admin");
  const pauses = PAUSES.includes(slow) ? PAUSES : [...PAUSES, slow].sort((a, b) => a - b);
  const submit = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const wanted = {
      read_only: given.has("read_only"),
      guests: given.has("guests"),
      hold: given.has("hold"),
      slow: Number(given.get("slow")),
      ...(administers && { name: `#${given.get("name").trim().replace(/^#/, "")}` }),
      ...(administers && !isDefault && { archived: given.has("archived") }),
    };
    const now = { read_only: readOnly, guests: guests !== false, hold: Boolean(hold), slow, name: channel, archived: closed };
    const changed = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => value !== now[key]));
    if (!Object.keys(changed).length) return close();
    if (!(await attemptBeside(changeChannel(channel, changed), setRefusal))) return undefined;
    notify(t("saved"));
    return close();
  };
  const check = (name, checked) => html`<label class="check">
    <input type="checkbox" name=${name} defaultChecked=${checked} />
    <span>${t(`rules.${name}`)}<small>${t(`rules.${name}.hint`)}</small></span>
  </label>`;
  return html`<form onSubmit=${submit}>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["name"]} />
    ${administers && html`<${Field} id="name" label=${t("create.name")} refusal=${refusal} defaultValue=${channel.slice(1)} maxlength="64" required autocomplete="off" />`}
    <fieldset>
      <legend>${t("rules.writing")}</legend>
      ${check("read_only", readOnly)}
      ${check("hold", hold)}
      ${check("guests", guests !== false)}
      ${administers && !isDefault && check("archived", closed)}
    </fieldset>
    <div class="field narrow">
      <label for="slow">${t("rules.slow")}</label>
      <select id="slow" name="slow">
        ${pauses.map((each) => html`<option value=${each} selected=${each === slow}>${each ? lasting(each) : t("rules.slow.none")}</option>`)}
      </select>
    </div>
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${close}>${t("cancel")}</button>
      <button class="button primary">${t("save")}</button>
    </div>
  </form>`;
}

/** Those who moderate this channel alone. */
function Moderators({ channel }) {
  const [refusal, setRefusal] = useState(null);
  useEffect(() => void attemptBeside(loadMembers(channel), setRefusal), [channel]);
  const named = channelModerators.value.get(channel) ?? [];
  const possible = (members.value.get(channel) ?? []).filter((name) => !named.includes(name) && !roles.value.get(name));
  const add = async (event) => {
    event.preventDefault();
    const form = event.target;
    if (await attemptBeside(nameModerator(channel, new FormData(form).get("user").trim(), true), setRefusal)) form.reset();
  };
  return html`<section class="channel-moderators" aria-labelledby="moderators-title">
    <h3 id="moderators-title">${t("moderators")}</h3>
    <p class="hint">${t("moderators.words")}</p>
    <ul class="choices-list">
      ${named.map(
        (name) => html`<li key=${name} class="choice">
          <${Avatar} name=${name} small presence />
          <span class="choice-words"><strong>${name}</strong></span>
          <button type="button" class="button small" aria-label=${t("moderators.remove.whom", { name })} onClick=${() => attempt(nameModerator(channel, name, false))}>
            ${t("moderators.remove")}
          </button>
        </li>`,
      )}
    </ul>
    <form class="add-moderator" onSubmit=${add}>
      <${Field} id="user" label=${t("moderators.name")} refusal=${refusal} list="possible" autocomplete="off" required />
      <datalist id="possible">${possible.map((name) => html`<option value=${name} />`)}</datalist>
      <button class="button">${t("moderators.add")}</button>
    </form>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["user"]} />
  </section>`;
}
