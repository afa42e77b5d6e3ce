/**
 * Begins a lesson or an exam, prolongs it, ends it.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { endLesson, holdLesson } from "../../actions/moderation.js";
import { lessons } from "../../state/lessons.js";
import { isModerator } from "../../state/me.js";
import { notify } from "../../state/screen.js";
import { lasting, until as lasts } from "../../times.js";
import { sentence, t } from "../../words.js";
import { html, useState } from "../html.js";
import { Icon } from "../icons.js";
import { Field, FormError } from "../parts.js";

const DURATIONS = [900, 1800, 2700, 3300, 3600, 5400, 7200, 10_800, 14_400]; // seconds
const USUAL = { lesson: 3600, exam: 7200 };

/** `channel`: where it is; null: everywhere. */
export function View({ channel, close }) {
  const held = lessons.value.find((each) => each.channel === channel);
  return html`<div class="dialog-body">
    ${held ? html`<${Held} held=${held} close=${close} />` : html`<${Begin} channel=${channel} close=${close} />`}
  </div>`;
}

function Begin({ channel, close }) {
  const [kind, setKind] = useState("lesson");
  const [refusal, setRefusal] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const { place, duration, reason, write, alone, addresses } = Object.fromEntries(new FormData(event.target));
    const where = place === "everywhere" ? undefined : channel;
    const rules =
      kind === "exam"
        ? { addresses: addresses.trim() || undefined }
        : { write: where ? (write ?? "channel") : undefined, private: alone ? "staff" : "policy" };
    const fields = { channel: where, duration: Number(duration), reason: reason.trim() || undefined, ...rules };
    if (!(await attemptBeside(holdLesson(kind, fields), setRefusal))) return;
    notify(t(`lesson.${kind}.begun`));
    close();
  };
  const radio = (name, value, checked, key, hint, on) => html`<label class="check">
    <input type="radio" name=${name} value=${value} defaultChecked=${checked} onChange=${on} />
    <span>${t(key, { channel })}${hint && html`<small>${t(hint)}</small>`}</span>
  </label>`;
  return html`<form onSubmit=${submit}>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["addresses", "reason"]} />
    <fieldset>
      <legend>${t("lesson.kind")}</legend>
      ${radio("kind", "lesson", true, "lesson.lesson", "lesson.lesson.hint", () => setKind("lesson"))}
      ${radio("kind", "exam", false, "lesson.exam", "lesson.exam.hint", () => setKind("exam"))}
    </fieldset>
    <fieldset>
      <legend>${t("lesson.place")}</legend>
      ${radio("place", "here", true, "lesson.place.here")}
      ${isModerator.value && radio("place", "everywhere", false, "lesson.place.everywhere")}
    </fieldset>
    <div class="columns">
      <div class="field">
        <label for="duration">${t("sanction.duration")}</label>
        <select id="duration" name="duration" key=${kind}>
          ${DURATIONS.map((each) => html`<option value=${each} selected=${each === USUAL[kind]}>${lasting(each)}</option>`)}
        </select>
      </div>
      <${Field} id="reason" label=${t("lesson.reason")} refusal=${refusal} maxlength="300" autocomplete="off" />
    </div>
    ${kind === "lesson"
      ? html`<div class="checks">
          <label class="check">
            <input type="checkbox" name="write" value="staff" />
            <span>${t("lesson.silent")}</span>
          </label>
          <label class="check">
            <input type="checkbox" name="alone" value="staff" defaultChecked />
            <span>${t("lesson.alone")}</span>
          </label>
        </div>`
      : html`<${Field} id="addresses" label=${t("lesson.addresses")} hint=${t("lesson.addresses.hint")} keepHint refusal=${refusal} maxlength="1000" autocomplete="off" spellcheck=${false} />`}
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${close}>${t("cancel")}</button>
      <button class="button primary">${t(`lesson.${kind}.begin`)}</button>
    </div>
  </form>`;
}

function Held({ held, close }) {
  const [refusal, setRefusal] = useState(null);
  const { kind, channel, until, by, people, reason, addresses } = held;
  const prolong = async (event) => {
    event.preventDefault();
    const duration = Number(new FormData(event.target).get("duration"));
    if (await attemptBeside(holdLesson(kind, { channel: channel ?? undefined, duration }), setRefusal)) close();
  };
  const end = async () => {
    if (await attemptBeside(endLesson(held), setRefusal)) close();
  };
  return html`<p>
      <strong>${t(channel ? `lesson.${kind}.in` : `lesson.${kind}.all`, { channel: channel ?? "" })}</strong>
      ${" "}${lasts(until)}${reason && ` · ${reason}`}
    </p>
    <p class="hint">
      ${t("lesson.by", { name: by ?? "?" })}${people !== undefined && ` · ${t("lesson.people", { count: people })}`}
      ${addresses?.length > 0 && html`<br />${t("lesson.from", { addresses: addresses.join(", ") })}`}
    </p>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} />
    <form class="prolong" onSubmit=${prolong}>
      <div class="field">
        <label for="duration">${t("lesson.prolong.for")}</label>
        <select id="duration" name="duration">
          ${DURATIONS.map((each) => html`<option value=${each} selected=${each === USUAL[kind]}>${lasting(each)}</option>`)}
        </select>
      </div>
      <button class="button"><${Icon} name="clock" />${t("lesson.prolong")}</button>
    </form>
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${close}>${t("cancel")}</button>
      <button type="button" class="button danger" onClick=${end}>${t(`lesson.${kind}.end`)}</button>
    </div>`;
}
