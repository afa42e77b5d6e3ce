/**
 * Tells a person who looks elsewhere that somebody speaks to them: in the title, by a notification where they allow it,
 * by a sound where they want one. Knows no view.
 */
import { effect, untracked } from "../../vendor/signals.js";
import { open } from "./conversations.js";
import { preferences } from "../preferences.js";
import { connection } from "../server.js";
import { conversations, totalMentions } from "../state/conversations.js";
import { arrived } from "../state/events.js";
import { me } from "../state/me.js";
import { newSince, notify, shown } from "../state/screen.js";
import { glance } from "../text.js";
import { t } from "../words.js";

/** Whether notifications can be asked for here: browsers have them only on https and localhost. */
export const notificationsPossible = () => "Notification" in window && isSecureContext;

export function keepNotifying() {
  effect(() => {
    const name = connection.server.value?.server ?? "ClassCord";
    const count = totalMentions.value;
    document.title = (count ? `(${count}) ` : "") + (shown.value ? `${titleOf(shown.value)} · ${name}` : name);
  });
  effect(() => {
    const heard = arrived.value;
    if (heard) untracked(() => tell(heard));
  });
}

function tell({ key, message, invitedBy }) {
  const { unread, lastRead } = conversations.value.get(key) ?? {};
  if (shown.value === key && !document.hasFocus() && unread === 1) newSince.value = { key, id: lastRead };
  if (invitedBy) notify(t("notification.invited", { name: invitedBy, channel: key }), "server");
  const meant = invitedBy || !key.startsWith("#") || message.mentions?.includes(me.value?.name);
  if (!meant || (document.hasFocus() && shown.value === key)) return;
  if (preferences.value.sound) ring();
  if (!preferences.value.notifications || !notificationsPossible() || Notification.permission !== "granted") return;
  const title = invitedBy ? t("notification.invited", { name: invitedBy, channel: key }) : `${message.from} · ${titleOf(key)}`;
  const shownOne = new Notification(title, { body: invitedBy ? key : glance(message), tag: key });
  shownOne.onclick = () => {
    window.focus();
    open(key);
    shownOne.close();
  };
}

const titleOf = (key) => (key.startsWith("#") ? key : key.slice(1));

/** Two soft notes, made here: no file has to be loaded. */
function ring() {
  const audio = new AudioContext();
  for (const [note, begins] of [[660, 0], [880, 0.12]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = note;
    volume.gain.setValueAtTime(0.08, audio.currentTime + begins);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + begins + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + begins);
    tone.stop(audio.currentTime + begins + 0.4);
  }
  setTimeout(() => audio.close(), 1000);
}
