/**
 * Which roles accounts have, and which of them this person may give.
 */
import { me, outranks } from "../../state/me.js";

export const ROLES = ["member", "moderator", "admin", "owner"];

/** Those below one's own; an owner gives all. */
export const rolesToGive = () => ROLES.filter((role) => me.value.role === "owner" || outranks(me.value.role, role));
