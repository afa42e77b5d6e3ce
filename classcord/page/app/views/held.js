/**
 * Messages that wait: as their author sees them at the end of the conversation, and as those do who may approve them.
 */
import { attempt, attemptBeside } from "../actions/attempt.js";
import { approve, refreshHeld, refuse } from "../actions/moderation.js";
import { removeHeld, toApprove } from "../state/held.js";
import { handedBack } from "../state/screen.js";
import { clock, full, moment, until as lasts } from "../times.js";
import { sentence, t } from "../words.js";
import { FileLine } from "./file.js";
import { classes, html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { Avatar, Field, FormError } from "./parts.js";
import { Content } from "./text_view.js";

/** One's own message that nobody else reads yet, or that was refused. */
export function HeldMessage({ held }) {
  const { id, key, user, content, file, why, until, at, outcome, reason } = held;
  const waits = outcome === "waits";
  const rewrite = () => {
    handedBack.value = { key, content };
    removeHeld(id);
  };
  return html`<li class=${classes("message", "head", "held", !waits && "refused")} data-held=${id}>
    <div class="gutter"><${Avatar} name=${user} /></div>
    <div class="message-body">
      <header class="message-head">
        <span class="author">${user}</span>
        <time datetime=${at} title=${full(at)}>${clock(at)}</time>
      </header>
      ${content && html`<${Content} content=${content} />`}
      ${file && html`<${FileLine} file=${file} />`}
      <div class="held-note" role=${waits ? undefined : "alert"}>
        <${Icon} name=${waits ? "clock" : "warning"} />
        <p>
          ${waits ? t(until ? `held.${why}.until` : `held.${why}`, { until: until ? lasts(until, true) : "" }) : t(`held.${outcome}`)}
          ${reason && html` <span>${t("sanction.because", { reason })}</span>`}
        </p>
        ${waits
          ? html`<button type="button" class="link" onClick=${() => attempt(refuse(held))}>${t("held.take_back")}</button>`
          : html`<button type="button" class="link" onClick=${rewrite}>${t("held.rewrite")}</button>
              <button type="button" class="link" onClick=${() => removeHeld(id)}>${t("dismiss")}</button>`}
      </div>
    </div>
  </li>`;
}

/** What others have written and waits for this person, or for another one who may decide. */
export function HeldList() {
  const [refusal, setRefusal] = useState(null);
  const [done, setDone] = useState("");
  const title = useRef(null);
  useEffect(() => void attemptBeside(refreshHeld(), setRefusal), []);
  const all = toApprove.value;
  const answer = async (asked, words) => {
    setDone((await attemptBeside(asked, setRefusal)) ? words : "");
    title.current?.focus(); // the button that was pressed is gone with its line
  };
  return html`<section class="moderation-list" aria-labelledby="held-title">
    <h3 id="held-title" tabindex="-1" ref=${title}>${t("held")}</h3>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    <p class="hint" role="status">${done || (!all.length && t("held.none"))}</p>
    <ul class="choices-list">
      ${all.map((each) => html`<${ToApprove} key=${each.id} held=${each} answer=${answer} />`)}
    </ul>
  </section>`;
}

function ToApprove({ held, answer }) {
  const [refusing, setRefusing] = useState(false);
  const { user: name, key: channel, content, file, why, at } = held;
  const submit = (event) => {
    event.preventDefault();
    const reason = new FormData(event.target).get("reason").trim() || undefined;
    answer(refuse(held, reason), t("held.refused_now", { name }));
  };
  return html`<li class="choice held-choice">
    <${Avatar} name=${name} small presence />
    <div class="choice-words">
      <strong>${name}</strong>
      <small>${channel} · <time datetime=${at} title=${full(at)}>${moment(at)}</time>${why === "words" && ` · ${t("held.by_words")}`}</small>
      <blockquote>${content && html`<${Content} content=${content} />`}${file && html`<${FileLine} file=${file} />`}</blockquote>
    </div>
    ${refusing
      ? html`<form class="reject-form" onSubmit=${submit}>
          <${Field} id="reason" label=${t("requests.reason")} maxlength="300" autocomplete="off" autofocus />
          <button type="button" class="button small" onClick=${() => setRefusing(false)}>${t("cancel")}</button>
          <button class="button small danger">${t("held.refuse")}</button>
        </form>`
      : html`<div class="dialog-buttons">
          <button type="button" class="button small" aria-label=${t("held.refuse.whom", { name, channel })} onClick=${() => setRefusing(true)}>
            ${t("held.refuse")}
          </button>
          <button
            type="button"
            class="button small primary"
            aria-label=${t("held.approve.whom", { name, channel })}
            onClick=${() => answer(approve(held), t("held.approved", { name }))}
          >
            ${t("held.approve")}
          </button>
        </div>`}
  </li>`;
}
