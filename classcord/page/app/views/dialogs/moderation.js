/**
 * What those look after who keep order, in a dialog of its own for who does not administer.
 */
import { html } from "../html.js";
import { JoinRequests, Sanctions } from "../keeping_order.js";

export function View() {
  return html`<div class="dialog-body">
    <${JoinRequests} />
    <${Sanctions} />
  </div>`;
}
