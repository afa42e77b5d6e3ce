/**
 * Lets the browser ask before the page is left, while something would be lost by it. Knows no view.
 */
import { outgoing } from "../outgoing.js";
import { attachments } from "../state/attachments.js";
import { hasDrafts } from "../state/drafts.js";
import { me, stage } from "../state/me.js";

/** Whether a file has not arrived, a message waits, or words were typed that nobody has read. */
function unsent() {
  const files = attachments.value.some(({ phase }) => phase !== "unfit");
  return files || hasDrafts() || outgoing.value.some(({ author }) => author === me.value.name);
}

export function keepFromLosing() {
  addEventListener("beforeunload", (event) => stage.value === "in" && unsent() && event.preventDefault());
}
