/**
 * Brings somebody into a channel.
 */
import { attemptBeside } from "../../actions/attempt.js";
import { invite } from "../../actions/conversations.js";
import { me } from "../../state/me.js";
import { members, present, roles } from "../../state/people.js";
import { notify } from "../../state/screen.js";
import { sentence, t } from "../../words.js";
import { html, useState } from "../html.js";
import { Field, FormError } from "../parts.js";

export function View({ channel, close }) {
  const [refusal, setRefusal] = useState(null);
  const inside = new Set([...(members.value.get(channel) ?? []), me.value.name]);
  const names = [...present.value.keys()].filter((name) => !inside.has(name) && roles.value.get(name) !== "guest");
  const submit = async (event) => {
    event.preventDefault();
    const user = new FormData(event.target).get("user").trim();
    if (!(await attemptBeside(invite(channel, user), setRefusal))) return;
    notify(t("invite.done", { name: user, channel }));
    close();
  };
  return html`<form class="dialog-body" onSubmit=${submit}>
    <p>${t("invite.words", { channel })}</p>
    <${FormError} refusal=${refusal} words=${refusal && sentence(refusal)} fields=${["user"]} />
    <${Field} id="user" label=${t("field.username")} refusal=${refusal} list="invitable" autocomplete="off" required autofocus />
    <datalist id="invitable">${names.map((name) => html`<option value=${name} />`)}</datalist>
    <div class="dialog-buttons">
      <button type="button" class="button" onClick=${close}>${t("cancel")}</button>
      <button class="button primary">${t("invite.do")}</button>
    </div>
  </form>`;
}
