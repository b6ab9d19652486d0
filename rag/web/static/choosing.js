// What to add, and what to say of it: the dialog, dropped files, and folders.

import { byId, plural } from "./dom.js";
import { isPicture } from "./likeness.js";

const LONGEST_LIST = 10_000;

/** Make the whole page a place to drop files on. `library` says where they go; `add` takes what was chosen, `search` a picture dropped on the field. */
export function acceptUploads({ library, add, search }) {
  const dialog = byId("adding");
  let chosen = [];

  const choose = (files) => {
    chosen = files.slice(0, LONGEST_LIST);
    byId("chosen").textContent = chosen.length ? `${plural(chosen.length, "file")}: ${names(chosen)}` : "";
    byId("adding-wrong").textContent = "";
    byId("adding-library").textContent = library();
    if (!dialog.open) dialog.showModal();
  };
  for (const input of [byId("files"), byId("folder")]) {
    input.addEventListener("change", () => { choose([...input.files].map(withPath)); input.value = ""; });
  }
  byId("choose-files").addEventListener("click", () => byId("files").click());
  byId("choose-folder").addEventListener("click", () => byId("folder").click());
  byId("adding-cancel").addEventListener("click", () => dialog.close());
  byId("adding-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const urls = byId("urls").value.split(/\s+/).filter(Boolean);
    if (!chosen.length && !urls.length) {
      byId("adding-wrong").textContent = "Choose files first, or enter an address.";
      return;
    }
    dialog.close();
    add({ files: chosen, urls, caption: byId("adding-caption").value.trim(), tags: byId("adding-tags").value.trim(), library: library() });
    event.target.reset();
    chosen = [];
  });
  whereFilesDrop(library, choose, search);
  return () => choose([]);
}

function whereFilesDrop(library, choose, search) {
  const overlay = byId("drop");
  let depth = 0;
  const on = (type, act) => window.addEventListener(type, (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    act(event);
    overlay.hidden = depth <= 0;
    document.body.classList.toggle("dragging", depth > 0);
  });
  on("dragenter", () => { depth += 1; byId("drop-library").textContent = library(); });
  on("dragleave", () => { depth -= 1; });
  on("dragover", () => {});
  on("drop", (event) => {
    depth = 0;
    const pictures = [...event.dataTransfer.files].filter(isPicture);
    if (event.target.closest?.("#form") && pictures.length === 1) { search(pictures[0]); return; }
    dropped(event.dataTransfer).then((files) => files.length && choose(files));
  });
}

/** The files that were dropped, and those in dropped folders. The list is gone once this turn of the loop ends. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const files = [];
  for (const entry of entries) await collect(entry, "", files);
  return files;
}

async function collect(entry, path, files) {
  if (files.length >= LONGEST_LIST || entry.name.startsWith(".")) return;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    file.fromFolder = path + entry.name;
    files.push(file);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const one of some) await collect(one, `${path}${entry.name}/`, files);
  }
}

function withPath(file) {
  if (file.webkitRelativePath) file.fromFolder = file.webkitRelativePath;
  return file;
}

function names(files) {
  const shown = files.slice(0, 3).map((file) => file.fromFolder ?? file.name).join(", ");
  return files.length > 3 ? `${shown}, …` : shown;
}
