/**
 * Who this tab is: registers, logs in, comes as a guest, resumes after a lost link, logs out. Knows no view.
 */
import { batch, effect } from "../vendor/signals.js";
import { LOST, Refusal } from "./connection.js";
import * as kept from "./kept_sessions.js";
import { discardAll } from "./outgoing.js";
import { ask } from "./server.js";
import { forgetAttachments } from "./state/attachments.js";
import { drafts } from "./state/drafts.js";
import { forgetConversations, setConversations, setDirectory } from "./state/conversations.js";
import { outdated } from "./state/events.js";
import { forgetHeld, setHeld } from "./state/held.js";
import { forgetLessons, setLessons } from "./state/lessons.js";
import { farewell, me, ownState, stage } from "./state/me.js";
import { distrust, forgetMessages, newestId, noteId } from "./state/messages.js";
import { forgetPauses } from "./state/pauses.js";
import { forgetPeople, setMembers, setPresent } from "./state/people.js";
import { forgetPrivatePolicy, privatePolicy, setPrivatePolicy } from "./state/private_policy.js";
import { forgetQuietHours, setQuietHours } from "./state/quiet_hours.js";
import { notices, shown, warnings } from "./state/screen.js";
import { t } from "./words.js";

const WAITED_OUT = new Set([LOST, "busy", "rate_limited", "storage_unavailable", "conflict", "maintenance"]);
const FRESH_AFTER = 400; // milliseconds
const FRESH_EVERY = 5000;
const PAGES = 5; // of 100 conversations each

let oneTimePassword = null; // with which this person has come in, until they have their own

/** Go on with the session that this tab has, after each opened link. */
export async function opened() {
  const session = await kept.claim();
  if (!session) {
    leave(stage.value === "in" ? t("farewell.lost") : null);
    return;
  }
  try {
    const after = newestId() || undefined;
    const answer = await ask("resume", { session: session.token, after });
    await enter(answer);
  } catch (error) {
    if (!(error instanceof Refusal) || WAITED_OUT.has(error.code)) throw error;
    if (error.code === "bad_token") kept.forget();
    leave(error.code === "bad_token" ? t("farewell.ended") : error.message);
  }
}

/** Log in; `stay`: this browser goes on with the session after it was closed. */
export async function login(username, password, stay) {
  const answer = await ask("login", { username, password });
  if (answer.must_change) {
    oneTimePassword = password;
    batch(() => {
      notices.value = []; // the server has said in words what the page now asks for
      me.value = { name: answer.username, role: answer.role, may: [] };
      stage.value = "password";
    });
    return;
  }
  await begin(answer, stay);
}

export async function register(fields, stay) {
  await ask("register", fields);
  await login(fields.username, fields.password, stay);
}

export async function guest(username) {
  await begin(await ask("guest", { username: username || undefined }), false);
}

/** Put a password of one's own in the place of the one-time password that was just typed, and come in. */
export async function replaceOneTimePassword(password) {
  const answer = await ask("password", { old: oneTimePassword, new: password });
  oneTimePassword = null;
  await begin({ ...answer, username: me.value.name }, false);
}

export async function logout() {
  await ask("logout");
  discardAll();
  kept.forget();
  leave(null);
}

/** Erase one's own account: the server ends every session of it, and this tab is at the door again. */
export async function eraseMyself(password, messages) {
  await ask("delete_my_account", { password, messages });
  discardAll();
  kept.forget();
  leave(t("farewell.erased"));
}

async function begin(answer, stay) {
  batch(() => {
    forgetAll();
    note(answer);
  });
  if (answer.session) await kept.keep(answer.session, answer.username, stay);
  for (const each of answer.conversations ?? []) noteId(each.last_message_id);
  await enter(answer);
}

/** Note who this is, by the answer to `login`, `guest`, `resume` or `password`. */
function note({ username: name, role, may = [] }) {
  me.value = { name, role, may };
}

async function enter(answer) {
  batch(() => {
    note(answer);
    farewell.value = null;
    distrust(false);
  });
  await Promise.all([refresh(), learnRules()]);
  if (ownState.value !== "online") await ask("status", { state: ownState.value });
  stage.value = "in";
}

/** Ask anew for what this person has and sees. */
async function refresh() {
  const [listed, { channels }, { users }, { messages }] = await Promise.all([
    allConversations(),
    ask("channels"),
    ask("users"),
    ask("held"),
  ]);
  batch(() => {
    setHeld(messages);
    setConversations(listed);
    setDirectory(channels);
    setPresent(users);
    for (const each of listed) noteId(each.last_message?.message_id ?? 0);
  });
}

/** Ask what rules are in force: lessons, exams, quiet hours, who writes to whom; and who keeps order, where not everybody does. */
async function learnRules() {
  const [{ lessons }, policy, quiet] = await Promise.all([ask("lesson"), ask("private_policy"), ask("quiet_hours")]);
  batch(() => {
    setQuietHours(quiet);
    setLessons(lessons);
    setPrivatePolicy(policy);
  });
  if (lessons.length || privatePolicy.value.policy !== "all") setMembers(await ask("members"));
}

async function allConversations() {
  const all = [];
  let before;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await ask("conversations", { limit: 100, before });
    all.push(...answer.conversations);
    if (!answer.next) break;
    before = answer.next;
  }
  return all;
}

function leave(sentence) {
  oneTimePassword = null;
  batch(() => {
    forgetAll();
    farewell.value = sentence;
    stage.value = "out";
  });
}

function forgetAll() {
  me.value = null;
  ownState.value = "online";
  shown.value = null;
  drafts.clear();
  forgetAttachments();
  forgetConversations();
  forgetMessages();
  forgetPeople();
  forgetHeld();
  forgetLessons();
  forgetPauses();
  forgetPrivatePolicy();
  forgetQuietHours();
  warnings.value = [];
}

/** Ask for lists again when an event has made them old: soon, but not often. */
export function keepListsFresh() {
  let timer = null;
  let asked = 0;
  let seen = outdated.value;
  effect(() => {
    if (outdated.value === seen || timer) return;
    timer = setTimeout(() => {
      timer = null;
      asked = Date.now();
      seen = outdated.value;
      if (stage.value === "in") refreshLists().catch(lost);
    }, Math.max(FRESH_AFTER, asked + FRESH_EVERY - Date.now()));
  });
}

async function refreshLists() {
  await refresh();
  const channel = shown.value?.startsWith("#") ? shown.value : undefined;
  setMembers(await ask("members", { channel }));
}

function lost(error) {
  if (!(error instanceof Refusal)) throw error;
}
