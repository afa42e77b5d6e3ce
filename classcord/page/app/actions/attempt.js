/**
 * What a view does with a request that may be refused. Knows no view.
 */
import { Refusal } from "../connection.js";
import { notify } from "../state/screen.js";
import { sentence } from "../words.js";

/** Wait for a request; show its refusal as a notice. True if it was done. */
export async function attempt(promise) {
  try {
    await promise;
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    notify(sentence(error), "error");
    return false;
  }
}

/** Wait for a request; hand its refusal to the view, which shows it beside what was asked. True if it was done. */
export async function attemptBeside(promise, show) {
  try {
    show(null);
    await promise;
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    show(error);
    return false;
  }
}
