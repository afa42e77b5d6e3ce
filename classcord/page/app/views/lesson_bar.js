/**
 * The lessons and exams that are held, over the conversation: for whom it concerns, and for who may end them.
 */
import { concerning, lessons } from "../state/lessons.js";
import { isModerator } from "../state/me.js";
import { dialog } from "../state/screen.js";
import { full, moment } from "../times.js";
import { t } from "../words.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";

export function LessonBar() {
  const shown = isModerator.value ? lessons.value : concerning.value;
  return html`<div class="lesson-slot" role="status">
    ${shown.map((each) => html`<${Bar} key=${each.channel ?? ""} lesson=${each} />`)}
  </div>`;
}

function Bar({ lesson }) {
  const { kind, channel, until, write, private: privately, reason } = lesson;
  const rule = kind === "exam" ? "exam" : `${write}.${privately}`;
  return html`<section class=${`lesson-bar ${kind}`}>
    <${Icon} name=${kind === "exam" ? "lock" : "clock"} />
    <p>
      <strong>${t(channel ? `lesson.${kind}.in` : `lesson.${kind}.all`, { channel: channel ?? "" })}</strong>
      ${" "}<time datetime=${until} title=${full(until)}>${t("lesson.until", { time: moment(until) })}</time>${reason && ` · ${reason}`}
      ${!isModerator.value && html`<small>${t(`lesson.rule.${rule}`, { channel: channel ?? "" })}</small>`}
    </p>
    ${isModerator.value &&
    html`<button type="button" class="button small" onClick=${() => (dialog.value = { name: "lesson", channel, held: lesson })}>
      ${t("lesson.change")}
    </button>`}
  </section>`;
}
