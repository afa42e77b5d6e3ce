/**
 * A report: the message as it was, the lines around it, and what can be done about it.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { closeReport, reportDetails, saveEvidence } from "../../actions/reports.js";
import { atLeast, me, outranks } from "../../state/me.js";
import { dialog, notify } from "../../state/screen.js";
import { full, moment } from "../../times.js";
import { sentence, t } from "../../words.js";
import { FileLine } from "../file.js";
import { classes, html, useEffect, useState } from "../html.js";
import { Icon } from "../icons.js";
import { SANCTIONS } from "../moderating.js";
import { Field, FormError, RoleBadge, Spinner } from "../parts.js";
import { Content } from "../text_view.js";

const OUTCOMES = ["acted", "unfounded", "duplicate"];

export function View({ id, close }) {
  const [known, setKnown] = useState(null);
  const [refusal, setRefusal] = useState(null);
  useEffect(() => void attemptBeside(reportDetails(id).then(setKnown), setRefusal), [id]);
  return html`<div class="dialog-body">
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${!known && !refusal && html`<${Spinner} />`}
    ${known && html`<${Details} known=${known} close=${close} />`}
  </div>`;
}

function Details({ known, close }) {
  const { report_id: id, at, author, author_role: role, channel, category, reason, reporter, lines } = known;
  const { outcome, closed_at: closedAt, closed_by: closedBy } = known;
  return html`<dl class="facts">
      <div><dt>${t("report.author")}</dt><dd>${author} <${RoleBadge} role=${role} /></dd></div>
      <div><dt>${t("report.place")}</dt><dd>${channel ?? t("reports.private")}</dd></div>
      ${category && html`<div><dt>${t("report.about")}</dt><dd>${t(`category.${category}`)}</dd></div>`}
      <div><dt>${t("report.reporter")}</dt><dd>${reporter}, ${moment(at)}</dd></div>
      ${reason && html`<div class="long"><dt>${t("report.why")}</dt><dd>${reason}</dd></div>`}
    </dl>
    <ol class="report-lines" tabindex="0" aria-label=${t("report.lines")}>
      ${lines.map((each) => html`<${Line} line=${each} />`)}
    </ol>
    ${!channel && html`<p class="hint">${t("report.private")}</p>`}
    <${Measures} author=${author} role=${role} />
    ${outcome
      ? html`<p class="state-line done"><${Icon} name="check" />${t("report.closed", { outcome: t(`outcome.${outcome}`), name: closedBy ?? "?", time: moment(closedAt) })}</p>`
      : html`<${Closing} id=${id} close=${close} />`}
    ${atLeast(me.value?.role, "owner") && html`<${Evidence} id=${id} />`}
    ${!outcome && html`<div class="dialog-buttons"><button class="button primary" form="closing">${t("report.close")}</button></div>`}`;
}

function Line({ line }) {
  const { user, content, mark, at, file, deleted_by: deleter } = line;
  return html`<li class=${classes(mark === "reported" && "reported")}>
    <p><strong>${user}</strong> <time datetime=${at} title=${full(at)}>${moment(at)}</time>${mark === "reported" && html` <span class="badge">${t("report.mark")}</span>`}</p>
    ${content ? html`<${Content} content=${content} />` : !file && html`<p class="removed">${t("message.deleted")}</p>`}
    ${file && html`<${FileLine} file=${file} />`}
    ${deleter && html`<small class="faint">${t("report.deleted_by", { name: deleter })}</small>`}
  </li>`;
}

/** What can be done about who has written it. */
function Measures({ author, role }) {
  if (author === me.value.name || !outranks(me.value.role, role)) return null;
  return html`<div class="person-actions start">
    ${Object.entries(SANCTIONS).map(
      ([kind, icon]) => html`<button
        key=${kind}
        type="button"
        class=${kind === "ban" ? "button small dangerous" : "button small"}
        onClick=${() => (dialog.value = { name: "sanction", kind, user: author, back: dialog.value })}
      >
        <${Icon} name=${icon} />${t(`sanction.${kind}`)}
      </button>`,
    )}
  </div>`;
}

function Closing({ id, close }) {
  const [refusal, setRefusal] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const { outcome, reason } = Object.fromEntries(new FormData(event.target));
    if (!(await attemptBeside(closeReport(id, outcome, reason.trim() || undefined), setRefusal))) return;
    notify(t("report.closed_now"));
    close();
  };
  return html`<form class="inset" id="closing" onSubmit=${submit}>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["reason"]} />
    <div class="field">
      <label for="outcome">${t("report.outcome")}</label>
      <select id="outcome" name="outcome">
        ${OUTCOMES.map((each) => html`<option value=${each}>${t(`outcome.${each}.long`)}</option>`)}
      </select>
    </div>
    <${Field} id="reason" label=${t("report.answer")} hint=${t("report.answer.hint")} refusal=${refusal} maxlength="300" autocomplete="off" />
  </form>`;
}

/** For an owner: the report as a file that can be checked by the audit trail. */
function Evidence({ id }) {
  const [refusal, setRefusal] = useState(null);
  return html`<${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    <p class="evidence">
      <button type="button" class="button small" onClick=${() => attemptBeside(saveEvidence(id), setRefusal)}>
        <${Icon} name="download" />${t("evidence")}
      </button>
      <small class="hint">${t("evidence.hint")}</small>
    </p>`;
}
