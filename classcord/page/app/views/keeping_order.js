/**
 * What those look after who keep order: who asks to be admitted to a channel, and what is in force against whom.
 */
import { attemptBeside } from "../actions/attempt.js";
import { accept, refreshJoinRequests, reject, sanctions } from "../actions/moderation.js";
import { joinRequests } from "../state/moderation.js";
import { full, moment } from "../times.js";
import { sentence, t } from "../words.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { InForce } from "./moderating.js";
import { Avatar, Field, FormError } from "./parts.js";

export function JoinRequests() {
  const [refusal, setRefusal] = useState(null);
  const [done, setDone] = useState("");
  const title = useRef(null);
  useEffect(() => void attemptBeside(refreshJoinRequests(), setRefusal), []);
  const requests = joinRequests.value;
  const answer = async (asked, words) => {
    setDone((await attemptBeside(asked, setRefusal)) ? words : "");
    title.current?.focus(); // the button that was pressed is gone with its line
  };
  return html`<section class="moderation-list" aria-labelledby="requests-title">
    <h3 id="requests-title" tabindex="-1" ref=${title}>${t("requests")}</h3>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    <p class="hint" role="status">${done || (!requests.length && t("requests.none"))}</p>
    <ul class="choices-list">
      ${requests.map((each) => html`<${JoinRequest} key=${`${each.channel} ${each.user}`} request=${each} answer=${answer} />`)}
    </ul>
  </section>`;
}

function JoinRequest({ request, answer }) {
  const [rejecting, setRejecting] = useState(false);
  const { user: name, channel, since } = request;
  const submit = (event) => {
    event.preventDefault();
    const reason = new FormData(event.target).get("reason").trim() || undefined;
    answer(reject(request, reason), t("requests.rejected", { name, channel }));
  };
  return html`<li class="choice">
    <${Avatar} name=${name} small presence />
    <div class="choice-words">
      <strong>${name}</strong>
      <small>${channel} · <time datetime=${since} title=${full(since)}>${moment(since)}</time></small>
    </div>
    ${rejecting
      ? html`<form class="reject-form" onSubmit=${submit}>
          <${Field} id="reason" label=${t("requests.reason")} maxlength="300" autocomplete="off" autofocus />
          <button type="button" class="button small" onClick=${() => setRejecting(false)}>${t("cancel")}</button>
          <button class="button small danger">${t("requests.reject")}</button>
        </form>`
      : html`<div class="dialog-buttons">
          <button
            type="button"
            class="button small"
            aria-label=${t("requests.reject.whom", { name, channel })}
            onClick=${() => setRejecting(true)}
          >
            ${t("requests.reject")}
          </button>
          <button
            type="button"
            class="button small primary"
            aria-label=${t("requests.accept.whom", { name, channel })}
            onClick=${() => answer(accept(request), t("requests.accepted", { name, channel }))}
          >
            ${t("requests.accept")}
          </button>
        </div>`}
  </li>`;
}

export function Sanctions() {
  const [inForce, setInForce] = useState(null);
  const [refusal, setRefusal] = useState(null);
  useEffect(() => void attemptBeside(sanctions().then(setInForce), setRefusal), []);
  return html`<section class="moderation-list" aria-labelledby="sanctions-title">
    <h3 id="sanctions-title">${t("sanctions")}</h3>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    ${inForce?.length === 0 && html`<p class="hint">${t("sanctions.none")}</p>`}
    <ul class="choices-list">
      ${inForce?.map(
        (each, index) => html`<li key=${index} class="choice">
          <${InForce} sanction=${each} name=${each.target} back />
        </li>`,
      )}
    </ul>
  </section>`;
}
