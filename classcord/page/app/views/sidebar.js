/**
 * The list beside the conversation: channels, private conversations, and oneself.
 */
import { attempt } from "../actions/attempt.js";
import { hide, open } from "../actions/conversations.js";
import { setOwnState } from "../actions/account.js";
import { connection } from "../server.js";
import { logout } from "../session.js";
import { channels, directs } from "../state/conversations.js";
import { may, me, ownState } from "../state/me.js";
import { dialog, shown } from "../state/screen.js";
import { typing } from "../state/typing.js";
import { t } from "../words.js";
import { classes, html, useEffect, useState } from "./html.js";
import { Icon, Logo } from "./icons.js";
import { AdministrationButton, ModerationButton } from "./moderating.js";
import { Avatar, focusMenu, IconButton, menuKeys, RoleBadge, useLeaving } from "./parts.js";

const STATES = ["online", "away", "dnd", "invisible"];

export function Sidebar() {
  return html`<nav class="sidebar" aria-label=${t("sidebar")}>
    <header class="sidebar-header">
      <${Logo} />
      <h1>${connection.server.value?.server ?? "ClassCord"}</h1>
    </header>
    <button type="button" class="switch" onClick=${() => (dialog.value = { name: "switcher" })}>
      <${Icon} name="search" /><span>${t("switcher")}</span><kbd>${t("switcher.key")}</kbd>
    </button>
    <${ModerationButton} />
    <${AdministrationButton} />
    <div class="sidebar-lists">
      <section aria-labelledby="channels-title">
        <div class="list-title">
          <h2 id="channels-title">${t("channels")}</h2>
          ${may("create_channels") &&
          html`<${IconButton} icon="plus" label=${t("channels.create")} onClick=${() => (dialog.value = { name: "create" })} />`}
        </div>
        <ul>
          ${channels.value.map((each) => html`<${Entry} key=${each.key} conversation=${each} />`)}
        </ul>
        <button type="button" class="browse-button" onClick=${() => (dialog.value = { name: "browse" })}>
          <${Icon} name="compass" />${t("channels.look")}
        </button>
      </section>
      <section aria-labelledby="directs-title">
        <div class="list-title">
          <h2 id="directs-title">${t("directs")}</h2>
          <${IconButton} icon="plus" label=${t("directs.new")} onClick=${() => (dialog.value = { name: "switcher", people: true })} />
        </div>
        <ul>
          ${directs.value.map((each) => html`<${Entry} key=${each.key} conversation=${each} />`)}
        </ul>
        ${!directs.value.length && html`<p class="list-empty">${t("directs.none")}</p>`}
      </section>
    </div>
    <${Self} />
  </nav>`;
}

function Entry({ conversation }) {
  const { key, channel, user, kind, unread, mentions, gone } = conversation;
  const selected = shown.value === key;
  const calls = channel ? mentions : unread;
  const writing = typing.value.get(key)?.length > 0;
  return html`<li class=${classes("entry", selected && "selected", unread > 0 && !selected && "unread", gone && "gone")}>
    <button type="button" aria-current=${selected ? "page" : undefined} onClick=${() => open(key)}>
      ${channel
        ? html`<span class="hash" aria-hidden="true">${kind === "private" || kind === "approval" ? html`<${Icon} name="lock" />` : "#"}</span>`
        : html`<${Avatar} name=${user ?? "?"} small presence gone=${gone} />`}
      <span class="entry-name">${channel ? channel.slice(1) : user}</span>
      ${writing && html`<span class="dots" title=${t("typing.here")}><i></i><i></i><i></i></span>`}
      ${unread > 0 &&
      html`<span class=${classes("count", calls > 0 && "calls")}>
        ${calls > 0 ? (channel ? "@" : "") + number(calls) : number(unread)}
        <span class="hidden"> ${t(calls > 0 && channel ? "unread.mentions" : "unread.count", { count: calls || unread })}</span>
      </span>`}
    </button>
    ${!channel &&
    html`<${IconButton} icon="close" class="entry-close" label=${t("directs.hide", { name: user })} onClick=${() => attempt(hide(key))} />`}
  </li>`;
}

const number = (count) => (count >= 1000 ? "999+" : count);

/** Oneself: the state that others see, the settings, the way out. */
function Self() {
  const [choosing, choose] = useState(false);
  const { name, role } = me.value ?? { name: "?" };
  const online = connection.phase.value === "online";
  return html`<footer class="self">
    <button
      type="button"
      class="self-button"
      aria-haspopup="menu"
      aria-expanded=${choosing}
      title=${t("state.choose")}
      onClick=${() => choose(!choosing)}
    >
      <${Avatar} name=${name} presence />
      <span class="self-name">
        <strong>${name}</strong>
        <small><span>${t(online ? `state.${ownState.value}` : "state.unlinked")}</span><${RoleBadge} role=${role} /></small>
      </span>
      <${Icon} name="chevron" />
    </button>
    <${IconButton} icon="settings" label=${t("settings")} onClick=${() => (dialog.value = { name: "settings" })} />
    ${choosing && html`<${States} done=${() => choose(false)} />`}
  </footer>`;
}

function States({ done }) {
  const ref = useLeaving(done);
  useEffect(() => focusMenu(ref.current), []);
  return html`<div class="menu self-menu" role="menu" ref=${ref} onKeyDown=${menuKeys}>
    ${STATES.map(
      (state) => html`<button
        type="button"
        role="menuitemradio"
        aria-checked=${ownState.value === state}
        onClick=${() => attempt(setOwnState(state)).then(done)}
      >
        <span class=${`presence ${state === "invisible" ? "offline" : state}`}></span>
        <span>${t(`state.${state}`)}<small>${t(`state.${state}.hint`)}</small></span>
      </button>`,
    )}
    <hr />
    <button type="button" role="menuitem" onClick=${() => (done(), (dialog.value = { name: "settings" }))}>
      <${Icon} name="settings" /><span>${t("settings")}</span>
    </button>
    <button type="button" role="menuitem" onClick=${() => (done(), attempt(logout()))}>
      <${Icon} name="leave" /><span>${t("logout")}</span>
    </button>
  </div>`;
}
