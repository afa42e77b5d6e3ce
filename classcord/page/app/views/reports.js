/**
 * Reports of messages, for those who keep order: the list of those that wait, or are closed.
 */
import { attemptBeside } from "../actions/attempt.js";
import { closedReports, refreshReports } from "../actions/reports.js";
import { reports } from "../state/moderation.js";
import { dialog } from "../state/screen.js";
import { full, moment } from "../times.js";
import { sentence, t } from "../words.js";
import { html, useEffect, useState } from "./html.js";
import { Icon } from "./icons.js";
import { FormError, Spinner } from "./parts.js";

export function Reports() {
  const [closed, setClosed] = useState(null); // null: the open ones are shown
  const [refusal, setRefusal] = useState(null);
  useEffect(() => void attemptBeside(refreshReports(), setRefusal), []);
  const toggle = () => (closed ? setClosed(null) : attemptBeside(closedReports().then(setClosed), setRefusal));
  const all = closed ?? reports.value;
  return html`<section class="moderation-list" aria-labelledby="reports-title">
    <div class="list-head">
      <h3 id="reports-title">${t("reports")}</h3>
      <button type="button" class="link" aria-pressed=${closed !== null} onClick=${toggle}>
        ${t(closed ? "reports.show_open" : "reports.show_closed")}
      </button>
    </div>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${!all && !refusal && html`<${Spinner} />`}
    ${all?.length === 0 && html`<p class="hint">${t(closed ? "reports.none_closed" : "reports.none")}</p>`}
    <ul class="choices-list">
      ${all?.map((each) => html`<${Row} key=${each.report_id} report=${each} />`)}
    </ul>
  </section>`;
}

function Row({ report }) {
  const { report_id: id, at, author, channel, category, reason, reporter, outcome } = report;
  const look = () => (dialog.value = { name: "report_details", id, back: dialog.value });
  return html`<li>
    <button type="button" class="row report-row" onClick=${look}>
      <${Icon} name="flag" />
      <span class="row-words">
        <strong>${t("reports.line", { author, channel: channel ?? t("reports.private") })}</strong>
        <small>
          ${category && `${t(`category.${category}`)} · `}${t("reports.by", { name: reporter })} ·${" "}
          <time datetime=${at} title=${full(at)}>${moment(at)}</time>
        </small>
        ${reason && html`<small class="quoted">${reason}</small>`}
      </span>
      ${outcome && html`<span class="badge">${t(`outcome.${outcome}`)}</span>`}
      <${Icon} name="next" />
    </button>
  </li>`;
}
