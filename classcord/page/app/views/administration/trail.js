/**
 * The audit trail: who has changed what, the latest first.
 */
import { auditTrail, PAGE } from "../../actions/administration.js";
import { attemptBeside } from "../../actions/attempt.js";
import { filter } from "../../state/administration.js";
import { full, moment } from "../../times.js";
import { sentence, t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Empty, FormError, Spinner } from "../parts.js";
import { ROLES } from "./roles.js";

/** The actions that have words here; others are shown by their code. */
const ACTIONS = [
  "user-added",
  "user-removed",
  "role-changed",
  "password-changed",
  "mute",
  "kick",
  "ban",
  "sanction-lifted",
  "message-deleted",
  "channel-added",
  "channel-closed",
  "channel-reopened",
  "channel-removed",
  "topic-set",
  "description-set",
  "member-added",
  "member-removed",
  "join-requested",
  "join-decided",
  "announce",
  "setting-set",
  "read-private",
  "refused",
];

/** The details of a change that have words here, and those that are times. */
const DETAILS = ["channel", "code", "description", "kind", "reason", "role", "state", "topic", "until", "value"];
const TIMES = ["until", "at", "since"];

export function Trail() {
  const [all, setAll] = useState(null);
  const [more, setMore] = useState(false);
  const [refusal, setRefusal] = useState(null);
  const wanted = filter.value;
  const load = (known) =>
    attemptBeside(
      auditTrail(wanted, known?.at(-1)?.id).then((page) => {
        setAll([...(known ?? []), ...page]);
        setMore(page.length === PAGE);
      }),
      setRefusal,
    );
  useEffect(() => void load(), [wanted]);
  const submit = (event) => {
    event.preventDefault();
    const { actor, action } = Object.fromEntries(new FormData(event.currentTarget));
    filter.value = { actor: actor.trim(), action };
  };
  return html`<div class="administration-body">
    <form class="administration-tools" onSubmit=${submit} onChange=${submit}>
      <input name="actor" type="search" placeholder=${t("trail.actor")} aria-label=${t("trail.actor")} value=${wanted.actor} maxlength="64" />
      <select name="action" aria-label=${t("trail.action")} value=${wanted.action}>
        <option value="">${t("trail.action.any")}</option>
        ${ACTIONS.map((each) => html`<option value=${each}>${t(`action.${each}`)}</option>`)}
      </select>
    </form>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${!all && !refusal && html`<${Spinner} />`}
    ${all?.length === 0 && html`<${Empty} icon="list" title=${t("trail.none")}>${t("trail.none.hint")}<//>`}
    <ol class="rows">
      ${all?.map((entry) => html`<${Entry} key=${entry.id} entry=${entry} />`)}
    </ol>
    ${more && html`<button type="button" class="button wide" onClick=${() => load(all)}>${t("trail.more")}</button>`}
  </div>`;
}

function Entry({ entry }) {
  const { at, actor, actor_address: address, action, object_id: which } = entry;
  const [before, after] = [details(entry.before), details(entry.after)];
  const about = after.name ?? before.name ?? after.target ?? before.target ?? after.channel ?? before.channel;
  const changed = { ...before, ...after };
  return html`<li class="row-card trail-entry">
    <p>
      <strong>${actorOf(actor)}</strong>
      <span>${ACTIONS.includes(action) ? t(`action.${action}`) : action}</span>
      <strong>${about ?? which}</strong>
      <time datetime=${at} title=${full(at)}>${moment(at)}</time>
    </p>
    <dl>
      ${Object.keys(changed)
        .filter((key) => changed[key] !== about && changed[key] !== "" && changed[key] !== null)
        .map((key) => html`<div><dt>${DETAILS.includes(key) ? t(`detail.${key}`) : key}</dt><dd>${change(key, before, after)}</dd></div>`)}
      ${address && html`<div><dt>${t("trail.address")}</dt><dd>${address}</dd></div>`}
    </dl>
  </li>`;
}

function details(payload) {
  try {
    return JSON.parse(payload) ?? {};
  } catch {
    return {}; // an erased entry has none
  }
}

/** Who has done it: some changes are nobody's, or by somebody who had no name yet. */
function actorOf(actor) {
  if (actor === null || actor === undefined) return t("trail.erased");
  return { "-": t("trail.newcomer"), server: t("trail.server") }[actor] ?? actor;
}

/** What something is now; and what it was, where that is another. */
function change(key, before, after) {
  const [was, is] = [before, after].map((all) => (key in all ? inWords(key, all[key]) : null));
  return was && is && was !== is ? `${was} → ${is}` : (is ?? was);
}

function inWords(key, value) {
  if (TIMES.includes(key) && typeof value === "number") return full(value);
  if (key === "role" && ROLES.includes(value)) return t(`role.${value}`);
  return typeof value === "string" ? value : JSON.stringify(value);
}
