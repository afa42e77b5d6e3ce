/**
 * Invitation codes, for who keeps order: made, given on as an address, ended. By one, people make their own accounts.
 */
import { attemptBeside } from "../actions/attempt.js";
import { endInvitationCode, invitationCodes, makeInvitationCode } from "../actions/moderation.js";
import { connection } from "../server.js";
import { directory } from "../state/conversations.js";
import { me, outranks } from "../state/me.js";
import { notify } from "../state/screen.js";
import { full, until as lasts } from "../times.js";
import { sentence, t } from "../words.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { askFirst } from "./moderating.js";
import { Field, FormError } from "./parts.js";

const DAYS = [1, 7, 30, 90, 366]; // the most that the server takes
const USUAL = 7;
const MOST_USES = 1000;
const FIELDS = ["uses", "note"];

/** The address that fills a code into the form at the way in. */
const addressOf = (code) => `${location.origin}${location.pathname}#invitation=${code}`;

export function InvitationCodes() {
  const [codes, setCodes] = useState(null);
  const [making, make] = useState(false);
  const [done, setDone] = useState("");
  const [refusal, setRefusal] = useState(null);
  const title = useRef(null);
  const look = () => attemptBeside(invitationCodes().then(setCodes), setRefusal);
  useEffect(() => void look(), []);
  if (connection.server.value?.registration === "closed") return null; // nobody makes an account here
  const made = async (code) => {
    make(false);
    await look();
    setDone(t("codes.made", { code }));
    title.current?.focus(); // the form that had the focus is gone
  };
  return html`<section class="moderation-list" aria-labelledby="codes-title">
    <div class="list-head">
      <h3 id="codes-title" tabindex="-1" ref=${title}>${t("codes")}</h3>
      <button type="button" class="button small" aria-expanded=${making} onClick=${() => make(!making)}>
        <${Icon} name="plus" />${t("codes.make")}
      </button>
    </div>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    <p class="hint" role="status">${done || (codes?.length === 0 && t("codes.none"))}</p>
    ${making && html`<${NewCode} made=${made} cancel=${() => make(false)} />`}
    <ul class="choices-list">
      ${codes?.map((each) => html`<${Code} key=${each.code_id} code=${each} />`)}
    </ul>
  </section>`;
}

function Code({ code: each }) {
  const { code_id: id, code, state, used, uses, role, channels, until, made_by: by, note } = each;
  const usable = state === "usable";
  const copy = async () => {
    await navigator.clipboard.writeText(addressOf(code));
    notify(t("codes.copied"));
  };
  const askToEnd = () =>
    askFirst({
      title: t("codes.end.title", { code: code ?? id }),
      words: t("codes.end.words"),
      action: t("codes.end"),
      done: () => endInvitationCode(id),
    });
  return html`<li class=${`choice code-choice ${state}`}>
    <div class="choice-words">
      <strong>${code ? html`<code>${code}</code>` : t("codes.number", { id })}</strong>${note && html` <span>${note}</span>`}
      <small>
        ${t("codes.used", { used, uses })} · <time datetime=${until} title=${full(until)}>${lasts(until)}</time>
        ${role !== "member" && ` · ${t(`role.${role}`)}`}${channels.length > 0 && ` · ${channels.join(", ")}`}
        ${by !== me.value.name && ` · ${t("codes.by", { name: by })}`}
      </small>
      ${!usable && html`<small class="pending">${t(`codes.state.${state}`)}</small>`}
    </div>
    <div class="dialog-buttons">
      ${code &&
      usable &&
      navigator.clipboard &&
      html`<button type="button" class="button small" aria-label=${t("codes.copy.which", { code })} onClick=${copy}>
        <${Icon} name="copy" />${t("codes.copy")}
      </button>`}
      <button type="button" class="button small" aria-label=${t("codes.end.which", { code: code ?? id })} onClick=${askToEnd}>
        ${t("codes.end")}
      </button>
    </div>
  </li>`;
}

function NewCode({ made, cancel }) {
  const [refusal, setRefusal] = useState(null);
  useEffect(() => document.getElementById("uses").focus(), []);
  const channels = [...directory.value.values()].filter(({ kind, closed }) => kind !== "default" && !closed);
  const roles = ["member", "moderator", "admin", "owner"].filter(
    (role) => role === "member" || me.value.role === "owner" || outranks(me.value.role, role),
  );
  const submit = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const fields = {
      uses: Number(given.get("uses")),
      days: Number(given.get("days")),
      role: given.get("role") ?? undefined,
      note: given.get("note").trim() || undefined,
      into: given.getAll("into"),
    };
    let code;
    if (await attemptBeside(makeInvitationCode(fields).then((answer) => (code = answer.code)), setRefusal)) made(code);
  };
  return html`<form class="inset" onSubmit=${submit}>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${FIELDS} />
    <div class="columns">
      <${Field} id="uses" label=${t("codes.uses")} refusal=${refusal} type="number" min="1" max=${MOST_USES} defaultValue="1" required />
      <div class="field">
        <label for="days">${t("codes.days")}</label>
        <select id="days" name="days">
          ${DAYS.map((each) => html`<option value=${each} selected=${each === USUAL}>${t("codes.days.count", { count: each })}</option>`)}
        </select>
      </div>
    </div>
    <${Field} id="note" label=${t("codes.note")} hint=${t("codes.note.hint")} refusal=${refusal} maxlength="100" autocomplete="off" />
    ${roles.length > 1 &&
    html`<div class="field">
      <label for="code-role">${t("codes.role")}</label>
      <select id="code-role" name="role">
        ${roles.map((each) => html`<option value=${each}>${t(`role.${each}`)}</option>`)}
      </select>
      <p class="hint">${t("codes.role.hint")}</p>
    </div>`}
    ${channels.length > 0 &&
    html`<fieldset class="code-channels">
      <legend>${t("codes.into")}</legend>
      <div class="checks">
        ${channels.map(
          ({ name }) => html`<label class="check"><input type="checkbox" name="into" value=${name} /><span>${name}</span></label>`,
        )}
      </div>
    </fieldset>`}
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${cancel}>${t("cancel")}</button>
      <button class="button primary">${t("codes.make.do")}</button>
    </div>
  </form>`;
}
