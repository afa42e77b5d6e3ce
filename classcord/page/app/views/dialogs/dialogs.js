/**
 * The dialogs of the page, one at a time. The browser's own dialog element keeps the focus inside, and Escape closes it.
 */
import { dialog } from "../../state/screen.js";
import { fetchWords, t } from "../../words.js";
import { classes, html, useEffect, useRef, useState } from "../html.js";
import { Notices } from "../notices.js";
import { FormError, IconButton, Spinner } from "../parts.js";

/**
 * Each dialog by its name: the module that has its view, which comes when it is first wanted, and the key of its title
 * (none: the view has its own).
 */
const DIALOGS = {
  administration: { load: loadAdministration, title: "administration", full: true },
  browse: { load: () => import("./browse.js"), title: "channels.browse" },
  channel: { load: () => import("./channel.js"), title: "channel.about" },
  channel_settings: { load: () => import("./channel_settings.js"), title: "channel.settings" },
  confirm: { load: () => import("./confirm.js") },
  create: { load: () => import("./create.js"), title: "channels.create" },
  invite: { load: () => import("./invite.js"), title: "channel.invite" },
  keys: { load: () => import("./keys.js"), title: "keys" },
  leaving: { load: () => import("./leaving.js"), title: "account.delete" },
  lesson: { load: () => import("./lesson.js"), title: "lesson" },
  moderation: { load: () => import("./moderation.js"), title: "moderation", wide: true },
  person: { load: () => import("./person.js") },
  report: { load: () => import("./report.js"), title: "message.report" },
  report_details: { load: () => import("./report_details.js"), title: "report", wide: true },
  sanction: { load: () => import("./sanction.js") },
  settings: { load: () => import("./settings.js"), title: "settings", wide: true },
  switcher: { load: () => import("./switcher.js") },
};

/** Its texts are of no use to most people, and come with it. */
async function loadAdministration() {
  await fetchWords("administration");
  return import("./administration.js");
}

const FETCHED_AFTER = 1500; // milliseconds: then the page has its messages, and the dialogs come even without a link
const views = new Map(); // those that are here

/** Fetch the view of a dialog, once. */
async function view(name) {
  if (!views.has(name)) views.set(name, (await DIALOGS[name].load()).View);
  return views.get(name);
}

/** Fetch all of them, when the page has had the time to show what it is for. */
export function fetchDialogs() {
  const all = Object.keys(DIALOGS).filter((name) => name !== "administration");
  setTimeout(() => all.forEach((name) => view(name).catch(() => {})), FETCHED_AFTER);
}

export function Dialogs() {
  return dialog.value && html`<${Dialog} key=${dialog.value.name} about=${dialog.value} />`;
}

function Dialog({ about }) {
  const { title, wide, full } = DIALOGS[about.name];
  const [View, setView] = useState(() => views.get(about.name) ?? null);
  const [failed, setFailed] = useState(false);
  const ref = useRef(null);
  useEffect(() => {
    if (!View) view(about.name).then((found) => setView(() => found), () => setFailed(true));
  }, []);
  useEffect(() => {
    const before = document.activeElement;
    ref.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  useEffect(() => ref.current.querySelector("[autofocus]")?.focus(), [View]);
  const close = () => (dialog.value = about.back ?? null);
  const outside = (event) => event.target === ref.current && close();
  return html`<dialog
    ref=${ref}
    class=${classes("dialog", `${about.name}-dialog`, wide && "wide", full && "full")}
    aria-labelledby="dialog-title"
    onClose=${close}
    onPointerDown=${outside}
  >
    <div class="dialog-inner">
      ${title &&
      html`<header class="dialog-header">
        <h2 id="dialog-title">${t(title)}</h2>
        <${IconButton} icon="close" label=${t("close")} onClick=${close} />
      </header>`}
      ${View && html`<${View} ...${about} close=${close} />`}
      ${!View && !failed && html`<${Spinner} />`}
      ${failed && html`<div class="dialog-body"><${FormError} refusal=${{}} words=${t("error.lost")} /></div>`}
    </div>
    <${Notices} />
  </dialog>`;
}
