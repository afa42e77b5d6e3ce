/**
 * The keys that work everywhere on the page.
 */
import { open } from "../actions/conversations.js";
import { channels, directs } from "../state/conversations.js";
import { dialog, drawer, panel, shown } from "../state/screen.js";
import { useLayoutEffect } from "./html.js";

export function useShortcuts() {
  useLayoutEffect(() => {
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

function pressed(event) {
  const command = event.ctrlKey || event.metaKey;
  if (dialog.value) return;
  if (command && event.key.toLowerCase() === "k") act(event, () => (dialog.value = { name: "switcher" }));
  else if (command && event.key === "/") act(event, () => (dialog.value = { name: "keys" }));
  else if (event.altKey && event.key === "ArrowUp") act(event, () => step(-1, event.shiftKey));
  else if (event.altKey && event.key === "ArrowDown") act(event, () => step(1, event.shiftKey));
  else if (event.key === "Escape" && drawer.value) act(event, () => (drawer.value = false));
  else if (event.key === "Escape" && panel.value && panel.value !== "people") act(event, () => (panel.value = null));
}

function act(event, done) {
  event.preventDefault();
  done();
}

/** Go to the conversation above or below; with Shift to the next that has something unread. */
function step(by, unread) {
  const all = [...channels.value, ...directs.value];
  const at = all.findIndex((each) => each.key === shown.value);
  for (let moved = 1; moved <= all.length; moved += 1) {
    const next = all[(at + by * moved + all.length * moved) % all.length];
    if (!unread || next.unread) return open(next.key);
  }
}
