// Pictures into the library: drop or choose, watch them go up, see what became of each.

import { announce, byId, el, plural } from "./dom.js";
import { get, problemOf } from "./api.js";

const AT_A_TIME = 20;
const POLL_MS = 400;
const STATES = { accepted: "Indexing…", indexed: "Added", skipped: "Skipped", quarantined: "Not usable" };

/** Make the whole page a place to drop pictures on. `library` says where they go, `done` runs after each upload. */
export function acceptUploads({ library, done }) {
  const overlay = byId("drop");
  const input = byId("files");
  let depth = 0;
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const on = (type, act) => window.addEventListener(type, (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    act(event);
    overlay.hidden = depth <= 0;
  });
  on("dragenter", () => { depth += 1; byId("drop-library").textContent = library(); });
  on("dragleave", () => { depth -= 1; });
  on("dragover", () => {});
  on("drop", (event) => { depth = 0; send([...event.dataTransfer.files]); });
  input.addEventListener("change", () => { send([...input.files]); input.value = ""; });

  async function send(files) {
    for (let start = 0; start < files.length; start += AT_A_TIME) await upload(files.slice(start, start + AT_A_TIME), library());
    if (files.length) done();
  }
}

async function upload(files, library) {
  const rows = files.map((file) => row(file.name));
  const bar = el("progress", { max: "1", value: "0", "aria-label": "Upload" });
  open(`Adding ${plural(files.length, "picture")} to ${library}`, bar, rows);
  try {
    const { job, items } = await sendFiles(files, library, (share) => { bar.value = share; });
    items.forEach((item, at) => mark(rows[at], item));
    await follow(job, rows);
  } catch (error) {
    rows.forEach((one) => mark(one, { state: "failed", reason: error.message }));
  }
  bar.remove();
  sumUp(rows, library);
}

function sumUp(rows, library) {
  const there = rows.filter((one) => ["indexed", "known"].includes(one.dataset.state)).length;
  const title = `${there} of ${plural(rows.length, "picture")} in ${library}`;
  rows[0].closest("section").querySelector("h2").textContent = title;
  announce(title);
}

async function follow(job, rows) {
  let now = job;
  while (!now.done) {
    await new Promise((wake) => setTimeout(wake, POLL_MS));
    now = await get(job.url);
  }
  const { items } = await get(job.items_url);
  items.forEach((item, at) => mark(rows[at], item));
}

/** XMLHttpRequest, because fetch does not tell how far an upload is. */
function sendFiles(files, library, onProgress) {
  const form = new FormData();
  form.append("library", library);
  files.forEach((file) => form.append("files", file));
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    sending.onload = async () => {
      const response = new Response(sending.responseText, { status: sending.status });
      if (response.ok) resolve(await response.json());
      else reject(await problemOf(response));
    };
    sending.onerror = () => reject(new Error("The desk does not answer."));
    sending.open("POST", "/v1/assets");
    sending.send(form);
  });
}

function open(title, bar, rows) {
  const panel = byId("uploads");
  const close = el("button", { type: "button", class: "quiet", onclick: () => { panel.hidden = true; panel.replaceChildren(); } }, "Close");
  panel.prepend(el("section", {}, el("header", {}, el("h2", {}, title)), bar, el("ul", {}, rows)));
  panel.querySelectorAll(".quiet").forEach((old) => old.remove());
  panel.querySelector("header").append(close);
  panel.hidden = false;
}

const row = (name) => el("li", {}, el("span", { class: "file" }, name), el("span", { class: "state" }, "Uploading…"));

function mark(shown, item) {
  const state = shown.querySelector(".state");
  shown.dataset.state = item.known && item.state === "indexed" ? "known" : item.state;
  state.textContent = shown.dataset.state === "known" ? "Already here" : STATES[item.state] ?? "Failed";
  shown.querySelector(".reason")?.remove();
  if (item.reason) shown.append(el("span", { class: "reason" }, item.reason));
}
