/**
 * What those do who keep order: admit people to channels, silence and remove people, close channels. Knows no view.
 */
import { effect, untracked } from "../../vendor/signals.js";
import { Refusal } from "../connection.js";
import { ask } from "../server.js";
import { directory, update } from "../state/conversations.js";
import { applyEvent, applySettings } from "../state/events.js";
import { removeHeld, setHeld } from "../state/held.js";
import { setLessons } from "../state/lessons.js";
import { stage } from "../state/me.js";
import { joinRequests } from "../state/moderation.js";
import { setModerates } from "../state/people.js";
import { keepsOrderSomewhere } from "../state/writing.js";

/** Know who asks to be admitted, as long as this person may answer; an event tells each change. */
export function keepJoinRequestsFresh() {
  effect(() => {
    // After a lost link, or when this person keeps order in another channel, all is asked anew with the channels.
    const wanted = stage.value === "in" && keepsOrderSomewhere.value && directory.value;
    untracked(() => (wanted ? refreshJoinRequests().catch(refused) : (joinRequests.value = [])));
  });
}

export async function refreshJoinRequests() {
  const { requests } = await ask("requests");
  if (keepsOrderSomewhere.value) joinRequests.value = requests;
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

export async function refreshHeld() {
  setHeld((await ask("held")).messages);
}

export const approve = ({ id }) => decided(id, ask("approve", { held_id: id }));

/** Refuse a message, whose author reads the reason; or take back one's own. */
export const refuse = ({ id }, reason) => decided(id, ask("refuse", { held_id: id, reason }));

/** One that is not there any more was decided by somebody else: look again. */
async function decided(id, asked) {
  try {
    await asked;
    removeHeld(id);
  } catch (error) {
    await refreshHeld().catch(refused);
    throw error;
  }
}

/** Change settings of a channel; its name too. */
export async function changeChannel(channel, changed) {
  const answer = await ask("channel_settings", { channel, ...changed });
  applySettings({ ...answer, was: channel });
}

/** Let a member moderate a channel, or no more. */
export async function nameModerator(channel, user, on) {
  await ask("channel_moderator", { channel, user, on });
  setModerates(channel, user, on);
}

/** Begin a lesson or an exam, or let it end later. */
export const holdLesson = async (kind, fields) => setLessons((await ask(kind, { state: "on", ...fields })).lessons);

export async function endLesson({ kind, channel }) {
  setLessons((await ask(kind, { state: "off", channel: channel ?? undefined })).lessons);
}

/** Codes by which people make accounts: one's own, and for who administers those of all. */
export const invitationCodes = async () => (await ask("invitation_codes")).codes;

/** Make a code; the answer has it. */
export const makeInvitationCode = (fields) => ask("invitation_code", fields);

export const endInvitationCode = (id) => ask("end_invitation_code", { code_id: id });

/** What is in force against people and addresses: {kind, target, by, since, until, reason}. */
export const sanctions = async () => (await ask("bans")).sanctions;

/** Warn, mute, kick or ban somebody; the latter for some seconds or, without them, forever. */
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
