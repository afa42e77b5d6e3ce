/**
 * What those look after who keep order, in a dialog of its own for who does not administer.
 */
import { isModerator } from "../../state/me.js";
import { HeldList } from "../held.js";
import { html } from "../html.js";
import { InvitationCodes } from "../invitation_codes.js";
import { JoinRequests, Sanctions } from "../keeping_order.js";
import { Reports } from "../reports.js";

export function View() {
  return html`<div class="dialog-body">
    <${Reports} />
    <${HeldList} />
    <${JoinRequests} />
    ${isModerator.value && html`<${Sanctions} /><${InvitationCodes} />`}
  </div>`;
}
