/**
 * The link to the server: one WebSocket, opened again whenever it is lost.
 *
 * A request gets an `id` and a promise; what nobody asked for goes to the listener of events. Knows nothing of accounts,
 * messages or views.
 */
import { signal } from "../vendor/signals.js";

const FIRST_WAIT = 500; // milliseconds until the second attempt; each later wait is twice as long
const LONGEST_WAIT = 30_000;

/** What the server answered instead of doing what it was asked; `code` never changes, `message` is for people. */
export class Refusal extends Error {
  constructor({ code, message = "", field, retry_after: retryAfter, until }) {
    super(message);
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
    this.until = until;
  }
}

/** The code of a request whose answer cannot come any more, because the link was lost; it may have been done. */
export const LOST = "connection_lost";

export class Connection {
  constructor(url) {
    this.url = url;
    /** "connecting" until the first success, then "online" or "offline". */
    this.phase = signal("connecting");
    /** The server's answer to hello: its name, limits and features. */
    this.server = signal(null);
    /** When the next attempt begins, in milliseconds since 1970; null while one is under way. */
    this.retryAt = signal(null);
    this._waiting = new Map(); // id -> {resolve, reject}
    this._lastId = 0;
    this._failures = 0;
    this._heardAt = 0;
  }

  /**
   * Open the link, and keep it open from now on.
   *
   * @param {object} callbacks
   * @param {() => object} callbacks.hello  the fields of the first request
   * @param {(hello: object) => Promise<void>} callbacks.opened  called after each answered hello
   * @param {(event: object) => void} callbacks.event  called with each event, in order
   */
  start(callbacks) {
    this.callbacks = callbacks;
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => this._drop());
    document.addEventListener("visibilitychange", () => this._seenAgain());
    addEventListener("pagehide", () => this._drop());
    addEventListener("pageshow", (shown) => shown.persisted && this.retryNow());
    this.open();
  }

  /** Open the link, unless it is open. */
  open() {
    if (this._socket) return;
    clearTimeout(this._retry);
    this.retryAt.value = null;
    const socket = new WebSocket(this.url);
    this._socket = socket;
    socket.onopen = () => this._greet(socket);
    socket.onmessage = (message) => socket === this._socket && this._received(message.data);
    socket.onclose = () => this._lost(socket);
  }

  /** Ask something; the promise is kept by the answer, or broken by a Refusal. */
  request(type, fields = {}) {
    return new Promise((resolve, reject) => {
      if (this._socket?.readyState !== WebSocket.OPEN) {
        reject(new Refusal({ code: LOST }));
        return;
      }
      const id = ++this._lastId;
      this._waiting.set(id, { resolve, reject });
      this._socket.send(JSON.stringify({ type, id, ...fields }));
    });
  }

  /** Try again at once, for instance because somebody pressed a button. */
  retryNow() {
    this._failures = 0;
    this.open();
  }

  /** Greet again on the same link, for instance in another language. */
  async greetAgain() {
    this.server.value = await this.request("hello", this.callbacks.hello());
  }

  async _greet(socket) {
    try {
      const server = await this.request("hello", this.callbacks.hello());
      this.server.value = server;
      await this.callbacks.opened(server);
      if (socket !== this._socket) return;
      this._failures = 0;
      this.phase.value = "online";
    } catch (error) {
      if (!(error instanceof Refusal)) console.error(error);
      if (socket === this._socket) this._drop();
    }
  }

  _received(data) {
    this._heardAt = Date.now();
    this._watch();
    for (const line of data.split("\n")) {
      if (!line.trim()) continue;
      const heard = JSON.parse(line);
      const waiting = this._waiting.get(heard.id);
      if (!waiting) {
        this.callbacks.event(heard);
        continue;
      }
      this._waiting.delete(heard.id);
      if (heard.type === "error") waiting.reject(new Refusal(heard));
      else waiting.resolve(heard);
    }
  }

  /** Where the server sends heartbeats, silence for two of their intervals means that the link is dead. */
  _watch() {
    clearTimeout(this._silence);
    const interval = this.server.value?.heartbeat;
    if (interval) this._silence = setTimeout(() => this._drop(), 2000 * interval);
  }

  /** A page that was asleep heard no timer: look at once whether the link lives. */
  _seenAgain() {
    if (document.hidden) return;
    const interval = this.server.value?.heartbeat;
    if (!this._socket) this.retryNow();
    else if (interval && Date.now() - this._heardAt > 2000 * interval) this._drop();
  }

  /** Give the socket up now: the browser's own close can wait a minute for a peer that has vanished. */
  _drop() {
    const socket = this._socket;
    if (!socket) return;
    socket.close();
    this._lost(socket);
  }

  _lost(socket) {
    if (socket !== this._socket) return;
    this._socket = null;
    clearTimeout(this._silence);
    const waiting = [...this._waiting.values()];
    this._waiting.clear();
    for (const { reject } of waiting) reject(new Refusal({ code: LOST }));
    this.phase.value = this.server.value ? "offline" : "connecting";
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this._failures) * (0.5 + Math.random() / 2);
    this._failures += 1;
    this.retryAt.value = Date.now() + wait;
    this._retry = setTimeout(() => this.open(), wait);
  }
}
