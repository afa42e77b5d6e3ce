/**
 * A conversation: its name and what can be done with it, its messages, and the field to write in.
 */
import { attempt, attemptBeside } from "../actions/attempt.js";
import { leave, setTopic } from "../actions/conversations.js";
import { prefer } from "../preferences.js";
import { can, connection } from "../server.js";
import { conversations } from "../state/conversations.js";
import { concerning, silencedBy } from "../state/lessons.js";
import { me } from "../state/me.js";
import { dialog, drawer, panel } from "../state/screen.js";
import { typing } from "../state/typing.js";
import { closedBecause, keepsOrderIn } from "../state/writing.js";
import { sentence, t } from "../words.js";
import { Composer } from "./composer.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { MessageLog } from "./message_log.js";
import { LessonBar } from "./lesson_bar.js";
import { channelModeration, channelOrder } from "./moderating.js";
import { Avatar, focusMenu, IconButton, menuKeys, stateOf, useLeaving } from "./parts.js";

export function Conversation({ name }) {
  const conversation = conversations.value.get(name);
  if (!conversation) return null;
  return html`<section class="conversation" aria-label=${conversation.channel ?? conversation.user}>
    <${Header} conversation=${conversation} />
    <${LessonBar} conversation=${conversation} />
    <${MessageLog} name=${name} />
    <${Typing} name=${name} />
    <${Composer} name=${name} conversation=${conversation} />
  </section>`;
}

function Header({ conversation }) {
  const { key, channel, user, kind, gone } = conversation;
  const online = connection.phase.value === "online";
  return html`<header class="conversation-header">
    <${IconButton} icon="menu" class="drawer-button" label=${t("sidebar.open")} onClick=${() => (drawer.value = true)} />
    ${channel
      ? html`<span class="hash" aria-hidden="true">
          ${kind === "private" || kind === "approval" ? html`<${Icon} name="lock" />` : "#"}
        </span>`
      : html`<${Avatar} name=${user ?? "?"} small presence gone=${gone} />`}
    <div class="conversation-title">
      <h2>
        ${channel
          ? channel.slice(1)
          : html`<button type="button" class="plain" onClick=${() => (dialog.value = { name: "person", user })}>${user}</button>`}
      </h2>
      ${channel
        ? html`<${Topic} key=${key} conversation=${conversation} />`
        : html`<p class="topic">${gone ? t("person.gone") : t(online ? `state.${stateOf(user)}` : "state.unlinked")}</p>`}
    </div>
    <div class="conversation-tools">
      ${can("search") && html`<${PanelButton} name="search" icon="search" />`}
      ${can("pins") && html`<${PanelButton} name="pins" icon="pin" />`}
      ${channel && html`<${PanelButton} name="people" icon="people" />`}
      ${channel && html`<${ChannelMenu} conversation=${conversation} />`}
    </div>
  </header>`;
}

function PanelButton({ name, icon }) {
  const open = panel.value === name;
  const toggle = () => {
    panel.value = open ? null : name;
    if (name === "people") prefer({ panel: !open });
  };
  return html`<${IconButton} icon=${icon} label=${t(`panel.${name}`)} pressed=${open} onClick=${toggle} />`;
}

/** The topic, which becomes a field when somebody wants to change it. */
function Topic({ conversation }) {
  const { channel, topic } = conversation;
  const [editing, edit] = useState(false);
  const [refusal, setRefusal] = useState(null);
  const field = useRef(null);
  useEffect(() => field.current?.select(), [editing]);
  if (!editing) {
    const may = keepsOrderIn(conversation) && !closedBecause(conversation);
    if (!topic && !may) return null;
    // Who has made the channel may change it too, and does so where it is described: the server knows who that is.
    const act = () => (may ? edit(true) : (dialog.value = { name: "channel", channel }));
    return html`<p class="topic">
      <button type="button" class="plain" title=${topic || t("topic.set")} onClick=${act}>
        ${topic || html`<span class="add-topic"><${Icon} name="plus" />${t("topic.none")}</span>`}
      </button>
    </p>`;
  }
  const submit = async (event) => {
    event.preventDefault();
    if (await attemptBeside(setTopic(channel, field.current.value.trim()), setRefusal)) edit(false);
  };
  return html`<form class="topic-form" onSubmit=${submit}>
    <input
      ref=${field}
      aria-label=${t("topic")}
      maxlength="300"
      value=${topic}
      aria-invalid=${refusal ? "true" : undefined}
      onKeyDown=${(event) => event.key === "Escape" && (event.stopPropagation(), edit(false))}
    />
    <button class="button small primary">${t("save")}</button>
    <button type="button" class="button small" onClick=${() => edit(false)}>${t("cancel")}</button>
    ${refusal && html`<p class="error" role="alert">${sentence(refusal)}</p>`}
  </form>`;
}

function ChannelMenu({ conversation }) {
  const [open, setOpen] = useState(false);
  const ref = useLeaving(() => setOpen(false), open);
  const { channel, kind } = conversation;
  const item = (icon, key, done) => html`<button type="button" role="menuitem" onClick=${() => (setOpen(false), done())}>
    <${Icon} name=${icon} /><span>${t(key)}</span>
  </button>`;
  return html`<div class="menu-place" ref=${ref}>
    <${IconButton}
      icon="more"
      label=${t("channel.more")}
      aria-haspopup="menu"
      aria-expanded=${open}
      onClick=${() => setOpen(!open)}
    />
    ${open &&
    html`<div class="menu" role="menu" ref=${focusMenu} onKeyDown=${menuKeys}>
      ${item("hash", "channel.about", () => (dialog.value = { name: "channel", channel }))}
      ${kind !== "default" && !silencedBy(channel) && item("plus", "channel.invite", () => (dialog.value = { name: "invite", channel }))}
      ${kind !== "default" && !concerning.value.some((each) => each.channel === channel) && item("leave", "channel.leave", () => attempt(leave(channel)))}
      ${channelOrder(conversation).map((possible) => item(...possible))}
      ${channelModeration(conversation).map((possible) => item(...possible))}
    </div>`}
  </div>`;
}

function Typing({ name }) {
  const names = (typing.value.get(name) ?? []).filter((each) => each !== me.value.name);
  const words =
    names.length === 0
      ? ""
      : names.length > 3
        ? t("typing.several")
        : t("typing.names", { count: names.length, names: names.join(t("and")) });
  return html`<p class="typing" aria-live="polite">
    ${words && html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${words}`}
  </p>`;
}
