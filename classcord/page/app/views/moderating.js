/**
 * What only those see who keep order, where everybody else has something too: in the list, at a person, at a channel.
 * Hiding it protects nothing: the server decides, and what it refuses is shown in its words.
 */
import { closeChannel, deleteChannel, lift, reopenChannel, sanctions } from "../actions/moderation.js";
import { Refusal } from "../connection.js";
import { directory } from "../state/conversations.js";
import { toApprove } from "../state/held.js";
import { atLeast, isGuest, isModerator, me, outranks } from "../state/me.js";
import { joinRequests, reports } from "../state/moderation.js";
import { members as knownMembers, roles } from "../state/people.js";
import { dialog, notify } from "../state/screen.js";
import { keepsOrderIn, keepsOrderSomewhere } from "../state/writing.js";
import { until as lasts } from "../times.js";
import { t } from "../words.js";
import { html, useEffect, useState } from "./html.js";
import { Icon } from "./icons.js";

export const SANCTIONS = { warn: "warning", mute: "mute", kick: "leave", ban: "gavel" }; // and their icons

/** In the list of conversations: the way to what waits for an answer, and how much that is. */
export function ModerationButton() {
  if (!keepsOrderSomewhere.value) return null;
  const count = joinRequests.value.length + toApprove.value.length + (reports.value?.length ?? 0);
  return html`<button type="button" class="to-moderation" onClick=${() => (dialog.value = { name: "moderation" })}>
    <${Icon} name="shield" />
    <span class="entry-name">${t("moderation")}</span>
    ${count > 0 &&
    html`<span class="count calls">${count}<span class="hidden"> ${t("moderation.waiting", { count })}</span></span>`}
  </button>`;
}

/** In the list of conversations: the way to the page of administration. */
export function AdministrationButton() {
  if (!atLeast(me.value?.role, "admin")) return null;
  return html`<button type="button" class="to-moderation" data-opens="administration" onClick=${() => (dialog.value = { name: "administration" })}>
    <${Icon} name="gauge" />
    <span class="entry-name">${t("administration")}</span>
  </button>`;
}

/** At a person: what is in force against them, and what could be done. */
export function PersonModeration({ user }) {
  const [inForce, setInForce] = useState([]);
  const may = user !== me.value.name && isModerator.value && outranks(me.value.role, roles.value.get(user) ?? "member");
  useEffect(() => {
    if (may) sanctions().then((all) => setInForce(all.filter(({ target }) => target === user)), told);
  }, [user, may]);
  if (!may) return null;
  const kinds = Object.keys(SANCTIONS).filter((kind) => kind === "warn" || !inForce.some((each) => each.kind === kind));
  return html`<section class="person-moderation" aria-labelledby="moderation-title">
    <h3 id="moderation-title">${t("moderation")}</h3>
    ${inForce.length > 0 &&
    html`<ul>
      ${inForce.map((each, index) => html`<li key=${index}><${InForce} sanction=${each} /></li>`)}
    </ul>`}
    <div class="person-actions four">
      ${kinds.map(
        (kind) => html`<button
          key=${kind}
          type="button"
          class=${kind === "ban" ? "button small dangerous" : "button small"}
          onClick=${() => (dialog.value = { name: "sanction", kind, user })}
        >
          <${Icon} name=${SANCTIONS[kind]} />${t(`sanction.${kind}`)}
        </button>`,
      )}
    </div>
  </section>`;
}

/**
 * A sanction in words, and the button that takes it back; `name`: whom it is about, where that is not clear; `back`: what
 * is open stays so.
 */
export function InForce({ sanction, name, back }) {
  const { kind, by, until, reason } = sanction;
  return html`<p>
      <strong>${name && `${name} · `}${t(`sanction.${kind}.state`)}</strong>
      <small>
        ${until ? t("sanction.until", { until: lasts(until), by }) : t("sanction.forever", { by })}
        ${reason && html`<br />${t("sanction.because", { reason })}`}
      </small>
    </p>
    <button type="button" class="button small" onClick=${() => askToLift(sanction, back)}>${t("sanction.lift")}</button>`;
}

/** Ask before something is done; then what was open before is open again. */
export function askFirst(about, back = true) {
  dialog.value = { name: "confirm", ...about, back: back ? dialog.value : null };
}

function askToLift(sanction, back) {
  const { kind, target: name } = sanction;
  const about = {
    title: t(`sanction.${kind}.lift`, { name }),
    words: t(`sanction.${kind}.lift.words`, { name }),
    action: t("sanction.lift"),
    harmless: true,
    done: async () => {
      await lift(sanction);
      notify(t("sanction.lifted", { name }));
    },
  };
  askFirst(about, back);
}

/** What those may do in a channel who keep order there: [icon, words, what happens]. */
export function channelOrder(conversation) {
  const { channel } = conversation;
  return [
    keepsOrderIn(conversation) && ["settings", "channel.settings", () => (dialog.value = { name: "channel_settings", channel })],
    keepsOrderIn(conversation) && ["clock", "channel.lesson", () => (dialog.value = { name: "lesson", channel })],
  ].filter(Boolean);
}

/** What may be done to a channel by who administers: [icon, words, what happens]; `back`: what is open stays so. */
export function channelModeration({ channel, kind, closed }, back = false) {
  const remove = ["trash", "channel.delete", () => askAboutChannel("delete", channel, deleteChannel, back)];
  if (kind === "default") return [];
  // Who has made a channel may delete it while nobody else is in it: the server knows who that is.
  if (!atLeast(me.value.role, "admin")) return isAlone(channel) ? [remove] : [];
  return [
    closed
      ? ["check", "channel.reopen", () => askAboutChannel("reopen", channel, reopenChannel, back, true)]
      : ["box", "channel.close", () => askAboutChannel("close", channel, closeChannel, back)],
    remove,
  ];
}

function isAlone(channel) {
  const { member, members } = directory.value.get(channel) ?? {};
  return !isGuest.value && member && (knownMembers.value.get(channel)?.length ?? members) === 1;
}

function askAboutChannel(what, channel, act, back, harmless) {
  const about = {
    title: t(`channel.${what}`),
    words: t(`channel.${what}.words`, { channel }),
    action: t(`channel.${what}.do`),
    harmless,
    done: () => act(channel),
  };
  askFirst(about, back);
}

function told(error) {
  if (!(error instanceof Refusal)) throw error; // who lost the right to know has lost the right to act too
}
