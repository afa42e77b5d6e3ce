/**
 * Hands a person what the server has told as a file of their own. Knows no view.
 */

/** Let the browser keep something as a JSON file of this name. */
export function saveAs(name, value) {
  const address = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser may be asking where to keep it
}
