/**
 * What those do who administer: accounts, roles, the audit trail, the figures of the server. Knows no view.
 */
import { ask } from "../server.js";

export const PAGE = 50; // accounts, or entries of the audit trail, that are fetched at once

/** Accounts by their names; `following`: those after this one. */
export const accounts = async (search, role, following) =>
  (await ask("accounts", { search, role: role || undefined, following, limit: PAGE })).accounts;

/** All that the server tells of a person. */
export const whois = (user) => ask("whois", { user });

export const connectionsOf = async (user) => (await ask("sessions", { user })).sessions;

/** Make an account; the answer has the password that was made up for it, once. */
export const addAccount = (username, role) => ask("adduser", { username, role });

/** Give an account another password, for one time; the answer has it. */
export const resetPassword = (user) => ask("passwd", { user });

export const deleteAccount = (user) => ask("deluser", { user });

export const giveRole = (user, role) => ask("role", { user, role });

/** Entries of the audit trail, the latest first; `before`: those with a lower number. */
export async function auditTrail({ actor, action }, before) {
  const { entries } = await ask("audit", { actor: actor || undefined, action: action || undefined, before, limit: PAGE });
  return entries.reverse();
}

export const figures = () => ask("stats");
