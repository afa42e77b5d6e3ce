/**
 * One message: who wrote it and when, what it says, the reactions to it, and what can be done with it.
 */
import { attempt } from "../actions/attempt.js";
import { goTo } from "../actions/conversations.js";
import { pin, react, remove } from "../actions/messages.js";
import { discard, retry } from "../outgoing.js";
import { can } from "../server.js";
import { conversations } from "../state/conversations.js";
import { me, outranks } from "../state/me.js";
import { find } from "../state/messages.js";
import { isNobody } from "../state/people.js";
import { dialog, notify, setDrafting } from "../state/screen.js";
import { closedBecause, keepsOrderIn } from "../state/writing.js";
import { glance } from "../text.js";
import { clock, full, moment } from "../times.js";
import { t } from "../words.js";
import { chooseEmoji } from "./emoji_picker.js";
import { FileLine, SentFile } from "./file.js";
import { classes, html, useState } from "./html.js";
import { Icon } from "./icons.js";
import { Avatar, IconButton, RoleBadge } from "./parts.js";
import { Content } from "./text_view.js";

export function Message({ message, place, head, wanted }) {
  // What can be done is drawn for the message that somebody points at or is on: for all it would double the document.
  const [active, setActive] = useState(false);
  const activate = () => setActive(true);
  const rest = ({ currentTarget, relatedTarget }) => {
    const inside = currentTarget.contains(relatedTarget ?? null) || currentTarget.contains(document.activeElement);
    if (!inside) setActive(false);
  };
  const { message_id: id, from, timestamp, content, deleted, edited_at: edited, mentions, reply_to: answered, file } = message;
  const called = mentions?.includes(me.value?.name) && from !== me.value.name;
  return html`<li
    class=${classes("message", head && "head", called && "called", wanted && "wanted", deleted && "deleted")}
    data-id=${id}
    tabindex="-1"
    onPointerEnter=${activate}
    onPointerLeave=${rest}
    onFocusIn=${activate}
    onFocusOut=${rest}
    onKeyDown=${(event) => event.target === event.currentTarget && byKey(event, place, message)}
  >
    ${answered && html`<${Answered} place=${place} id=${answered} />`}
    <div class="gutter">
      ${head
        ? html`<${Avatar} name=${from} />`
        : html`<time datetime=${timestamp} title=${full(timestamp)}>${clock(timestamp)}</time>`}
    </div>
    <div class="message-body">
      ${head && html`<${Head} message=${message} />`}
      ${deleted
        ? html`<p class="removed">${t("message.deleted")}</p>`
        : html`${(content || !file) && html`<${Content} content=${content} mentions=${mentions} edited=${edited && html`<${Edited} at=${edited} />`} />`}
            ${file && html`<${SentFile} file=${file} />`}`}
      <${Reactions} message=${message} place=${place} />
    </div>
    ${active && !deleted && html`<${Actions} message=${message} place=${place} />`}
  </li>`;
}

function Edited({ at }) {
  return html`<span class="edited" title=${full(at)}>${t("message.edited")}</span>`;
}

function Head({ message }) {
  const { from, role, timestamp } = message;
  return html`<header class="message-head">
    <button type="button" class="plain author" onClick=${() => (dialog.value = { name: "person", user: from })}>${from}</button>
    <${RoleBadge} role=${role} />
    <time datetime=${timestamp} title=${full(timestamp)}>${clock(timestamp)}</time>
  </header>`;
}

/** The message that is answered, in one line; a click goes there. */
function Answered({ place, id }) {
  const message = find(place, id);
  return html`<button type="button" class="answered" onClick=${() => goTo(place, id)}>
    <${Icon} name="reply" />
    ${message
      ? html`<strong>${message.from}</strong>
          <span>${message.deleted ? t("message.deleted") : glance(message)}</span>`
      : html`<span>${t("message.answered")}</span>`}
  </button>`;
}

function Reactions({ message, place }) {
  const { reactions, reaction_counts: counts } = message;
  const all = Object.entries(reactions ?? {});
  if (!all.length) return null;
  return html`<ul class="reactions">
    ${all.map(([emoji, names]) => {
      const mine = names.includes(me.value.name);
      const count = counts?.[emoji] ?? names.length;
      return html`<li key=${emoji}>
        <button
          type="button"
          class=${classes("reaction", mine && "mine")}
          aria-pressed=${mine}
          title=${t("reaction.names", { names: names.join(", ") + (count > names.length ? "…" : ""), emoji })}
          onClick=${() => attempt(react(place, message, emoji))}
        >
          <span class="emoji">${emoji}</span> ${count}
        </button>
      </li>`;
    })}
  </ul>`;
}

/** What this person may do with a message: [icon, words, what happens, key]. Later subjects add theirs here. */
function possibilities(message, place) {
  const mine = message.from === me.value.name;
  const conversation = conversations.value.get(place);
  const writable = conversation && !closedBecause(conversation);
  return [
    can("reactions") && ["smile", "message.react", (event) => reactByChoice(event, place, message), "+"],
    writable && ["reply", "message.reply", () => reply(place, message), "r"],
    mine && can("edit") && ["edit", "message.edit", () => setDrafting(place, { kind: "edit", message }), "e"],
    can("pins") && ["pin", "message.pin", () => pinIt(place, message), "p"],
    !mine && !isNobody(message.from) && ["flag", "message.report", () => (dialog.value = { name: "report", message }), "!"],
    navigator.clipboard && message.content && ["copy", "message.copy", () => copy(message), "c"],
    (mine || mayRemove(message, place)) &&
      can("delete") && ["trash", "message.delete", () => askToDelete(place, message), "Delete"],
  ].filter(Boolean);
}

/** Whether somebody else's message may be deleted: in a channel, by who keeps order and is above its author. */
const mayRemove = ({ role = "guest" }, place) =>
  place.startsWith("#") && outranks(conversations.value.get(place)?.moderates ? highest(me.value.role) : me.value.role, role) &&
  keepsOrderIn(conversations.value.get(place));

/** Who moderates a channel acts there as a moderator does. */
const highest = (role) => (outranks("moderator", role) ? "moderator" : role);

function Actions({ message, place }) {
  return html`<div class="actions" role="toolbar" aria-label=${t("message.actions")}>
    ${possibilities(message, place).map(
      ([icon, words, done, key]) =>
        html`<${IconButton} icon=${icon} label=${t(words)} aria-keyshortcuts=${key} onClick=${done} />`,
    )}
  </div>`;
}

function byKey(event, place, message) {
  if (event.ctrlKey || event.metaKey || event.altKey || message.deleted) return;
  const found = possibilities(message, place).find(([, , , key]) => key === event.key);
  if (!found) return;
  event.preventDefault();
  found[2](event);
}

function reply(place, message) {
  setDrafting(place, { kind: "reply", message });
  document.getElementById("message")?.focus();
}

function reactByChoice(event, place, message) {
  chooseEmoji(event.currentTarget, (emoji) => attempt(react(place, message, emoji)));
}

async function pinIt(place, message) {
  if (await attempt(pin(place, message.message_id, true))) notify(t("message.pinned"));
}

async function copy(message) {
  await navigator.clipboard.writeText(message.content);
  notify(t("message.copied"));
}

function askToDelete(place, message) {
  const mine = message.from === me.value.name;
  dialog.value = {
    name: "confirm",
    title: mine ? t("message.delete") : t("message.delete.of", { name: message.from }),
    words: t(mine ? "message.delete.sure" : "message.delete.kept"),
    quote: glance(message),
    action: t("message.delete.do"),
    done: () => remove(place, message.message_id),
  };
}

/** A message on its way: it waits for the link, is being sent, or was refused. */
export function Waiting({ waiting }) {
  const { clientId, author, content, file, refusal, timestamp } = waiting;
  return html`<li class=${classes("message", "head", "waiting", refusal && "refused")}>
    <div class="gutter"><${Avatar} name=${author} /></div>
    <div class="message-body">
      <header class="message-head">
        <span class="author">${author}</span>
        <time datetime=${timestamp}>${clock(timestamp)}</time>
        <span class="waiting-state"><${Icon} name=${refusal ? "warning" : "clock"} />${t(refusal ? "waiting.refused" : "waiting.sending")}</span>
      </header>
      ${content && html`<${Content} content=${content} />`}
      ${file && html`<${FileLine} file=${file.shown} />`}
      ${refusal &&
      html`<p class="error" role="alert">
        ${refusal.message}
        <button type="button" class="link" onClick=${() => retry(clientId)}>${t("retry")}</button>
        <button type="button" class="link" onClick=${() => discard(clientId)}>${t("waiting.discard")}</button>
      </p>`}
    </div>
  </li>`;
}

/** A message where it was found, among those pinned or searched (by `query`): a click goes there. */
export function Found({ message, place, query, children }) {
  const { from, role, timestamp, content, mentions, file } = message;
  return html`<article class="found">
    <header class="message-head">
      <${Avatar} name=${from} small />
      <button type="button" class="plain author" onClick=${() => (dialog.value = { name: "person", user: from })}>${from}</button>
      <${RoleBadge} role=${role} />
      ${!query && html`<time datetime=${timestamp} title=${full(timestamp)}>${moment(timestamp)}</time>`}
    </header>
    <div class="found-text">
      ${content && html`<${Content} content=${content} mentions=${mentions} query=${query} />`}
      ${file && html`<${FileLine} file=${file} />`}
    </div>
    <footer class="found-tools">
      <button type="button" class="link" onClick=${() => goTo(place, message.message_id)}>${t("found.go")}</button>
      ${children}
    </footer>
  </article>`;
}
