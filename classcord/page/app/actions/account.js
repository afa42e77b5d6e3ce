/**
 * What a person does with their own account, and with their view of others. Knows no view.
 */
import { ask } from "../server.js";
import { me, ownState } from "../state/me.js";
import { setState } from "../state/people.js";

export async function setOwnState(state) {
  await ask("status", { state });
  ownState.value = state;
  setState(me.value.name, state);
}

/** A person's profile; one's own without a name. */
export const profile = (user) => ask("profile", { user });

/** Change one's own profile; an empty text removes a field. */
export const changeProfile = (fields) => ask("profile", fields);

export const changePassword = (old, password) => ask("password", { old, new: password });

export const sessions = async () => (await ask("my_sessions")).sessions;

export const endSession = (id) => ask("end_session", { session_id: id });

export const endOtherSessions = () => ask("end_session", { others: true });

export const blocked = async () => (await ask("blocks")).users;

export const block = (user, on) => ask("block", { user, on });
