/**
 * The whole page: the way in, or the chat.
 */
import { signal } from "../../vendor/signals.js";
import { stage } from "../state/me.js";
import { fetchWords, t } from "../words.js";
import { ConnectionBar } from "./connection_bar.js";
import { Entry, OneTimePassword } from "./entry.js";
import { html, useEffect } from "./html.js";
import { Logo } from "./icons.js";
import { Notices } from "./notices.js";
import { fetchChatStyles } from "./styles.js";

const AGAIN = 3000; // milliseconds until the page is loaded anew when a part of it did not come

const chat = signal(null); // its view, once it is here
let fetching = false;

/** Fetch the chat: the way in is shown before, and somebody who logs in does not wait for it. */
async function fetchChat() {
  if (fetching) return;
  fetching = true;
  try {
    const [{ Chat }] = await Promise.all([import("./chat.js"), fetchChatStyles(), fetchWords("chat")]);
    chat.value = Chat;
  } catch {
    setTimeout(() => location.reload(), AGAIN); // what was typed and not sent is kept
  }
}

export function Page() {
  const wanted = stage.value === "in" || stage.value === "password";
  useEffect(() => {
    if (wanted) fetchChat();
    document.addEventListener("input", fetchChat, { once: true });
  }, [wanted]);
  if (stage.value === "password") return html`<${OneTimePassword} /><${Notices} />`;
  if (stage.value === "out") return html`<${Entry} /><${Notices} />`;
  return stage.value === "in" && chat.value ? html`<${chat.value} />` : html`<${Starting} />`;
}

function Starting() {
  return html`<div class="starting">
    <${Logo} />
    <p role="status">${t("starting")}</p>
    <${ConnectionBar} />
  </div>`;
}
