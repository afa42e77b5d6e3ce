/**
 * What a person asks about what is kept on them: to have all of it, to have it erased. Knows no view.
 */
import { ask } from "../server.js";
import { me } from "../state/me.js";
import { saveAs } from "./saving.js";

/** Keep everything that is kept about oneself as a file; `progress` is told how many things have come. */
export async function saveMyData(progress) {
  const all = [];
  let after;
  do {
    const { rows, next } = await ask("export_my_data", { after });
    all.push(...rows.map(({ kind, at, data }) => ({ kind, at, ...details(data) })));
    progress(all.length);
    after = next ?? undefined;
  } while (after);
  const { name } = me.value;
  saveAs(`classcord-${name.replace(/[^\p{L}\p{N}._-]+/gu, "-")}.json`, { name, exported_at: new Date().toISOString(), kept: all });
}

function details(data) {
  const found = JSON.parse(data);
  return found && typeof found === "object" && !Array.isArray(found) ? found : { data: found };
}
