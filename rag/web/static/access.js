// The key dialog. The key goes to the server once; it comes back as a cookie that scripts cannot read.

import { byId } from "./dom.js";

let asking = null;

/** Resolves once the desk has accepted a key; one dialog however many requests wait for it. */
export function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = byId("access");
    const form = byId("access-form");
    form.onsubmit = async (event) => {
      event.preventDefault();
      if (await accepted(byId("key").value)) {
        byId("key").value = "";
        asking = null;
        dialog.close();
        resolve();
      }
    };
    dialog.oncancel = (event) => event.preventDefault();
    dialog.showModal();
  });
  return asking;
}

async function accepted(key) {
  const wrong = byId("access-wrong");
  const response = await fetch("/v1/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ key }),
  }).catch(() => null);
  if (response?.ok) return true;
  wrong.textContent = response ? "The desk does not know this key." : "The desk does not answer.";
  return false;
}
