/**
 * Reports of messages: sent by anybody, read and closed by those who keep order. Knows no view.
 */
import { effect, untracked } from "../../vendor/signals.js";
import { Refusal } from "../connection.js";
import { ask } from "../server.js";
import { stage } from "../state/me.js";
import { reports, reportsChanged } from "../state/moderation.js";
import { keepsOrderSomewhere } from "../state/writing.js";
import { saveAs } from "./saving.js";

/** Show a message to those who keep order; the answer says what follows, and where there is help. */
export const report = (id, category, reason) => ask("report", { message_id: id, category, reason });

/** Know the open reports, as long as this person may read them. */
export function keepReportsFresh() {
  effect(() => {
    reportsChanged.value;
    const wanted = stage.value === "in" && keepsOrderSomewhere.value;
    untracked(() => (wanted ? refreshReports().catch(refused) : (reports.value = null)));
  });
}

export async function refreshReports() {
  const { reports: all } = await ask("reports");
  if (keepsOrderSomewhere.value) reports.value = all;
}

/** Those that are closed, the latest first. */
export const closedReports = async () => (await ask("reports", { closed: true })).reports.reverse();

export const reportDetails = (id) => ask("report_details", { report_id: id });

export async function closeReport(id, outcome, reason) {
  await ask("close_report", { report_id: id, outcome, reason });
  reports.value = reports.value?.filter((each) => each.report_id !== id) ?? null;
}

/** Keep a report as a file that can be checked by the audit trail. */
export async function saveEvidence(id) {
  const { type: _, id: __, ...evidence } = await ask("evidence", { report_id: id });
  saveAs(`signalement-${id}.json`, evidence);
}

function refused(error) {
  if (!(error instanceof Refusal)) throw error;
}
