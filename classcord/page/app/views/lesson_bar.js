/**
 * The lessons and exams that are held, over the conversation: for whom it concerns, and for who may end them.
 */
import { conversations } from "../state/conversations.js";
import { concerning, lessons } from "../state/lessons.js";
import { isModerator } from "../state/me.js";
import { dialog } from "../state/screen.js";
import { closedBecause } from "../state/writing.js";
import { full, until as lasts } from "../times.js";
import { t } from "../words.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";

/** Whether this person may end a lesson, and is not meant by it. */
const mayManage = ({ channel }) => isModerator.value || Boolean(conversations.value.get(channel)?.moderates);

/** The lessons that are of interest in a conversation; the rule is not said twice, where it keeps one from writing. */
export function LessonBar({ conversation }) {
  const shown = lessons.value.filter((each) => mayManage(each) || concerning.value.includes(each));
  const said = Boolean(closedBecause(conversation)?.lesson);
  return html`<div class="lesson-slot" role="status">
    ${shown.map((each) => html`<${Bar} key=${each.channel ?? ""} lesson=${each} said=${said} />`)}
  </div>`;
}

function Bar({ lesson, said }) {
  const { kind, channel, until, write, private: privately, reason } = lesson;
  const where = channel === "" ? "elsewhere" : channel === null ? "all" : "in";
  const rule = kind === "exam" ? "exam" : `${write}.${privately}`;
  return html`<section class=${`lesson-bar ${kind}`}>
    <${Icon} name=${kind === "exam" ? "lock" : "clock"} />
    <p>
      <strong>${t(`lesson.${kind}.${where}`, { channel: channel ?? "" })}</strong>
      ${" "}<time datetime=${until} title=${full(until)}>${lasts(until)}</time>${reason && ` · ${reason}`}
      ${!mayManage(lesson) && !said && html`<small>${t(`lesson.rule.${rule}`, { channel: channel ?? "" })}</small>`}
    </p>
    ${mayManage(lesson) &&
    html`<button type="button" class="button small" onClick=${() => (dialog.value = { name: "lesson", channel, held: lesson })}>
      ${t("lesson.change")}
    </button>`}
  </section>`;
}
