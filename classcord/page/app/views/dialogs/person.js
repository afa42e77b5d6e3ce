/**
 * A person: who it is, what they say of themselves, and what can be done.
 */
import { block, blocked, profile } from "../../actions/account.js";
import { attempt } from "../../actions/attempt.js";
import { openPrivate } from "../../actions/conversations.js";
import { Refusal } from "../../connection.js";
import { mayWriteTo } from "../../state/private_policy.js";
import { can } from "../../server.js";
import { atLeast, isGuest, me } from "../../state/me.js";
import { roles } from "../../state/people.js";
import { dialog } from "../../state/screen.js";
import { t } from "../../words.js";
import { html, useEffect, useState } from "../html.js";
import { Icon } from "../icons.js";
import { PersonModeration } from "../moderating.js";
import { Avatar, IconButton, RoleBadge, stateOf } from "../parts.js";

export function View({ user, close }) {
  const [known, setKnown] = useState({});
  const [isBlocked, setBlocked] = useState(null);
  const myself = user === me.value.name;
  const writable = mayWriteTo(user);
  const guest = roles.value.get(user) === "guest";
  const staff = atLeast(roles.value.get(user), "moderator"); // they can always be heard: the server blocks none of them
  useEffect(() => {
    if (isGuest.value || guest) return;
    const told = (error) => {
      if (!(error instanceof Refusal)) throw error; // a guest has no profile: the name is all there is
    };
    if (can("profiles")) profile(user).then(setKnown, told);
    if (can("blocks") && !myself) blocked().then((names) => setBlocked(names.includes(user)), told);
  }, [user]);
  const fullName = [known.first_name, known.last_name].filter(Boolean).join(" ");
  const write = () => (close(), openPrivate(user));
  const toggleBlock = async () => (await attempt(block(user, !isBlocked))) && setBlocked(!isBlocked);
  return html`<div class="dialog-body person-card">
    <${IconButton} icon="close" class="corner" label=${t("close")} onClick=${close} />
    <${Avatar} name=${user} presence />
    <h2 id="dialog-title">${user} <${RoleBadge} name=${user} /></h2>
    ${fullName && html`<p class="full-name">${fullName}</p>`}
    ${known.alias && html`<p class="faint">${t("person.alias", { alias: known.alias })}</p>`}
    <p class="faint">${t(`state.${stateOf(user)}`)}</p>
    ${known.status_text && html`<p class="status-text">${known.status_text}</p>`}
    <div class="person-actions">
      ${!myself && writable && html`<button type="button" class="button primary" onClick=${write} autofocus><${Icon} name="message" />${t("person.write")}</button>`}
      ${myself && html`<button type="button" class="button" onClick=${() => (dialog.value = { name: "settings" })}><${Icon} name="edit" />${t("person.edit")}</button>`}
      ${isBlocked !== null && (isBlocked || !staff) && html`<button type="button" class="button" onClick=${toggleBlock}><${Icon} name="block" />${t(isBlocked ? "person.unblock" : "person.block")}</button>`}
    </div>
    ${!writable && html`<p class="hint"><${Icon} name="lock" />${t("closed.private", { name: user })}</p>`}
    ${isBlocked && html`<p class="hint">${t("person.blocked")}</p>`}
    <${PersonModeration} user=${user} />
  </div>`;
}
