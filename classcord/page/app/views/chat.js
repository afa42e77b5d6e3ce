/**
 * The chat: the list, the conversation, what is open beside it, and what lies over all. It comes while somebody logs in.
 */
import { followAddress } from "../actions/conversations.js";
import { keepFromLosing } from "../actions/leaving.js";
import { keepJoinRequestsFresh } from "../actions/moderation.js";
import { keepNotifying } from "../actions/notifications.js";
import { keepReportsFresh } from "../actions/reports.js";
import { preferences } from "../preferences.js";
import { connection } from "../server.js";
import { dialog, drawer, panel, shown } from "../state/screen.js";
import { t } from "../words.js";
import { ConnectionBar } from "./connection_bar.js";
import { Conversation } from "./conversation.js";
import { Dialogs, fetchDialogs } from "./dialogs/dialogs.js";
import { EmojiPopover } from "./emoji_picker.js";
import { classes, html, useEffect } from "./html.js";
import { Notices } from "./notices.js";
import { Panel } from "./panels/panel.js";
import { Empty } from "./parts.js";
import { useShortcuts } from "./shortcuts.js";
import { Sidebar } from "./sidebar.js";
import { Warnings } from "./warnings.js";

followAddress();
keepNotifying();
keepJoinRequestsFresh();
keepReportsFresh();
keepFromLosing();

export function Chat() {
  useShortcuts();
  useEffect(() => {
    fetchDialogs();
    // On a wide screen the members are shown to begin with, unless this person has closed them; on a narrow one, if asked for.
    const wide = matchMedia("(min-width: 70rem)");
    const fit = () => {
      if (wide.matches && preferences.value.panel) panel.value ??= "people";
      else if (!wide.matches && panel.value === "people") panel.value = null;
    };
    fit();
    wide.addEventListener("change", fit);
    return () => wide.removeEventListener("change", fit);
  }, []);
  const unlinked = connection.phase.value !== "online";
  return html`<div
    class=${classes("chat", drawer.value && "drawer-open", panel.value && "panel-open", unlinked && "unlinked")}
  >
    <a class="skip" href="#message" onClick=${toComposer}>${t("skip")}</a>
    <${ConnectionBar} />
    <${Sidebar} />
    <div class="shade" onClick=${() => (drawer.value = false)}></div>
    <main class="main">
      <${Warnings} />
      ${shown.value
        ? html`<${Conversation} key=${shown.value} name=${shown.value} />`
        : html`<${Empty} icon="message" title=${t("nothing.title")}>${t("nothing.hint")}<//>`}
    </main>
    ${shown.value && panel.value && html`<${Panel} key=${`${panel.value} ${shown.value}`} />`}
    <${Dialogs} />
    <${EmojiPopover} />
    ${!dialog.value && html`<${Notices} />`}
  </div>`;
}

function toComposer(event) {
  event.preventDefault();
  document.getElementById("message")?.focus();
}
