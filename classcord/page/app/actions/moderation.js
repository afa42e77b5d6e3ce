/**
 * What those do who keep order: admit people to channels, silence and remove people, close channels. Knows no view.
 */
import { effect, untracked } from "../../vendor/signals.js";
import { Refusal } from "../connection.js";
import { ask } from "../server.js";
import { directory, update } from "../state/conversations.js";
import { applyEvent } from "../state/events.js";
import { isModerator, stage } from "../state/me.js";
import { joinRequests } from "../state/moderation.js";

/** Know who asks to be admitted, as long as this person may answer. No event tells of it: the server says it in words. */
export function keepJoinRequestsFresh() {
  effect(() => {
    // What the server says in words makes the page ask for the channels anew; the requests are asked for with them.
    const wanted = stage.value === "in" && isModerator.value && directory.value;
    untracked(() => (wanted ? refreshJoinRequests().catch(refused) : (joinRequests.value = [])));
  });
}

export async function refreshJoinRequests() {
  const { requests } = await ask("requests");
  if (isModerator.value) joinRequests.value = requests;
}

export const accept = ({ user, channel }) => answered(ask("accept", { user, channel }));

/** Leave somebody outside of a channel; they read the reason. */
export const reject = ({ user, channel }, reason) => answered(ask("reject", { user, channel, reason }));

/** A request that is refused may have been answered by somebody else, or withdrawn: look again in either case. */
async function answered(asked) {
  try {
    await asked;
  } finally {
    await refreshJoinRequests().catch(refused);
  }
}

/** What is in force against people and addresses: {kind, target, by, since, until, reason}. */
export const sanctions = async () => (await ask("bans")).sanctions;

/** Mute, kick or ban somebody, for some seconds or, without them, forever. */
export function sanction(kind, user, duration, reason) {
  const whom = kind === "ban" ? { target: user } : { user };
  return ask(kind, { ...whom, duration, reason });
}

/** Take back a sanction before its end. */
export const lift = ({ kind, target }) => (kind === "mute" || kind === "warn" ? ask(`un${kind}`, { user: target }) : ask("unban", { target }));

export async function closeChannel(channel) {
  await ask("close", { channel });
  update(channel, { closed: true });
}

export async function reopenChannel(channel) {
  await ask("reopen", { channel });
  update(channel, { closed: false });
}

/** Delete a channel, here too: the event is for its other members. */
export async function deleteChannel(channel) {
  await ask("delete_channel", { channel });
  applyEvent({ type: "channel_deleted", channel });
}

function refused(error) {
  if (!(error instanceof Refusal)) throw error;
}
