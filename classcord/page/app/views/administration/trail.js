/**
 * The audit trail: who has changed what, the latest first.
 */
import { auditTrail, PAGE } from "../../actions/administration.js";
import { attemptBeside } from "../../actions/attempt.js";
import { filter } from "../../state/administration.js";
import { full, moment, until } from "../../times.js";
import { sentence, t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Empty, FormError, Spinner } from "../parts.js";
import { ROLES } from "./roles.js";

/** The actions that one can ask for alone. */
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

/** The actions that are told in a sentence; one of a newer server is shown by its code. */
const SAID = new Set([
  ...ACTIONS,
  "password-elsewhere",
  "password-here",
  "warn",
  "message-pinned",
  "message-unpinned",
  "message-approved",
  "message-refused",
  "channel-set",
  "channel-moderator-named",
  "channel-moderator-dismissed",
  "lesson",
  "exam",
  "lesson-prolonged",
  "lesson-ended",
  "code-made",
  "code-used",
  "code-ended",
  "report-filed",
  "report-closed",
  "read-report",
  "account-erased",
  "account-left",
  "retention-applied",
]);

/** The details of a change that have words here, and those that are times. */
const DETAILS = [
  "code",
  "content",
  "description",
  "guests",
  "hold",
  "kind",
  "name",
  "note",
  "outcome",
  "read_only",
  "reason",
  "recipient",
  "role",
  "slow",
  "topic",
  "uses",
  "value",
];
const TIMES = ["at", "since"];
const KINDS = ["default", "open", "private", "approval", "mute", "kick", "ban", "warn", "lesson", "exam"];
const OUTCOMES = ["acted", "unfounded", "duplicate"];

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
  const changed = { ...before, ...after };
  const about = (action === "channel-set" ? changed.channel : changed.name) ?? changed.target ?? changed.channel ?? changed.user;
  const known = { about, which, author: changed.author, channel: changed.channel, role: changed.role, before: before.role };
  const [key, values] = sentenceOf(action, actor, changed, known);
  const said = new Set([...values.map((each) => known[each]), about]);
  const shown = (each) => !said.has(changed[each]) && !NOT_SHOWN.has(each) && (isThere(before[each]) || isThere(after[each]));
  const more = Object.keys(changed).filter(shown).map((each) => detail(each, before, after));
  if (address) more.push(t("trail.address", { address }));
  return html`<li class="row-card trail-entry">
    <p>
      <span>
        <strong>${actorOf(actor)}</strong>${" "}
        ${key ? inSentence(t(key, Object.fromEntries(values.map((each) => [each, `{${each}}`]))), known) : html`${action} <strong>${about ?? which}</strong>`}
      </span>
      <time datetime=${at} title=${full(at)}>${moment(at)}</time>
    </p>
    ${more.length > 0 && html`<p class="trail-details">${more.map((words) => html`<span>${words}</span>`)}</p>`}
  </li>`;
}

const VALUES = ["about", "which", "author", "channel", "role", "before"];
const NOT_SHOWN = new Set(["state", "sha256"]); // in the sentence already, or of use to machines only
const isThere = (value) => value !== undefined && value !== null && value !== "";

/** The key of the sentence for an action, none for one that is not known here; and which values stand in it. */
function sentenceOf(action, actor, { name, state }, known) {
  if (!SAID.has(action)) return [null, []];
  const byThemselves = (action === "member-added" || action === "member-removed") && name === actor;
  const decided = action === "join-decided" && ["accepted", "rejected"].includes(state);
  const key = `said.${action}${byThemselves ? ".self" : decided ? `.${state}` : ""}`;
  return [key, VALUES.filter((each) => t(key, { [each]: "\0" }).includes("\0") && isThere(known[each]))];
}

/** A sentence with its values in bold, in the place of their {names}. */
function inSentence(text, known) {
  return text
    .split(/\{(\w+)\}/)
    .map((part, index) => (index % 2 ? html`<strong>${inWords(part === "before" ? "role" : part, known[part])}</strong>` : part));
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

/** A detail in words: what something is now, and what it was where that is another. */
function detail(key, before, after) {
  const [was, is] = [before, after].map((all) => (key in all ? inWords(key, all[key]) : null));
  if (key === "until") return is ?? was;
  const value = was && is && was !== is ? `${was} → ${is}` : (is ?? was);
  return DETAILS.includes(key) ? t("trail.detail", { name: t(`detail.${key}`), value }) : t("trail.detail", { name: key, value });
}

function inWords(key, value) {
  if (key === "until") return until(value);
  if (TIMES.includes(key) && typeof value === "number") return full(value);
  if (key === "role" && ROLES.includes(value)) return t(`trail.role.${value}`);
  if (key === "kind" && KINDS.includes(value)) return t(`trail.kind.${value}`);
  if (key === "code" && value === "not_allowed") return t("trail.not_allowed");
  if (key === "outcome" && OUTCOMES.includes(value)) return t(`outcome.${value}`);
  if (typeof value === "boolean") return t(value ? "trail.yes" : "trail.no");
  if (value === "") return t("trail.nothing");
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
