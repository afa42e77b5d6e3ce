/**
 * Sending files: what may be sent is looked at first; each is then uploaded, and carried by a message. Knows no view.
 */
import { LOST, Refusal } from "../connection.js";
import { send } from "../outgoing.js";
import { ask, limit } from "../server.js";
import { inUnits } from "../sizes.js";
import { attach, attachments, attachmentsOf, detach, isAttached, progress } from "../state/attachments.js";
import { fieldsOf } from "../state/conversations.js";
import { notify } from "../state/screen.js";
import { t } from "../words.js";

const MOST = 10; // files that wait in a conversation
const LONGEST_NAME = 250; // characters

// An upload is answered in the server's language, or by a proxy: what can be expected is said in the person's.
const IN_WORDS = { 413: "file.too_large_here", 415: "file.type_refused", 507: "file.no_room" };

/** Put files beside the composer, to go with the next message. */
export function offer(key, files) {
  const room = MOST - attachmentsOf(key).length;
  if (files.length > room) notify(t("file.too_many", { count: MOST }), "error");
  for (const file of files.slice(0, room)) attach(key, file, unfit(file));
}

/** Why a file cannot be sent at all; undefined if it can. */
function unfit({ size }) {
  const most = limit("file_bytes");
  if (most && size > most) {
    return new Refusal({ code: "file_too_large", message: t("file.too_large", { limit: inUnits(most) }) });
  }
  return size ? undefined : new Refusal({ code: "empty", message: t("file.empty") });
}

/** Send what was chosen in a conversation, one message a file; the first carries the words. */
export function sendChosen(key, content, replyTo) {
  const chosen = attachmentsOf(key).filter(({ phase }) => phase === "chosen");
  chosen.forEach(({ id }, index) =>
    progress(id, { phase: "waiting", caption: index ? "" : content, replyTo: index ? undefined : replyTo }),
  );
  uploadAll();
}

/** Try an upload again that has failed. */
export function uploadAgain(id) {
  progress(id, { phase: "waiting", refusal: undefined });
  uploadAll();
}

let uploading = false;

/** One after the other: the messages come in order, and the server admits few at a time. */
async function uploadAll() {
  if (uploading) return;
  uploading = true;
  try {
    let next;
    while ((next = attachments.value.find(({ phase }) => phase === "waiting"))) await upload(next);
  } finally {
    uploading = false;
  }
}

async function upload({ id, key, file, caption, replyTo }) {
  progress(id, { phase: "uploading", done: 0 });
  try {
    const name = [...file.name].slice(-LONGEST_NAME).join("");
    const admitted = await ask("upload", { ...fieldsOf(key), name, size: file.size });
    if (!isAttached(id)) return;
    const { file: token, ...shown } = await put(id, admitted.url, file);
    if (!isAttached(id)) return;
    detach(id);
    send(key, caption, replyTo, { token, shown: { ...shown, url: admitted.url } });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    progress(id, { phase: "failed", refusal: error });
  }
}

/** Put the bytes where the server wants them; they stop coming when the attachment is taken away. */
function put(id, url, file) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const forget = attachments.subscribe(() => isAttached(id) || request.abort());
    request.open("PUT", url);
    request.upload.onprogress = ({ loaded }) => progress(id, { done: loaded });
    request.onload = () => {
      const answer = read(request.responseText);
      if (request.status === 200 && answer.file) resolve(answer);
      else reject(refused(request.status, answer));
    };
    request.onerror = request.onabort = () => reject(new Refusal({ code: LOST }));
    request.onloadend = forget;
    request.send(file);
  });
}

function refused(status, { code = "unknown", message }) {
  return new Refusal({ code, message: Object.hasOwn(IN_WORDS, status) ? t(IN_WORDS[status]) : message });
}

function read(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {}; // not the server's own answer, but a proxy's
  }
}
