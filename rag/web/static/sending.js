// Files on their way to the desk, some at a time.

import { problemOf } from "./api.js";
import { askForKey } from "./access.js";

const FILES = 20;
const BYTES = 50_000_000;

/** Files in parts that one request can carry. */
export function parts(files) {
  const made = [];
  let bytes = 0;
  for (const file of files) {
    if (!made.length || made.at(-1).length === FILES || bytes + file.size > BYTES) {
      made.push([]);
      bytes = 0;
    }
    made.at(-1).push(file);
    bytes += file.size;
  }
  return made;
}

/** XMLHttpRequest, because fetch does not tell how far an upload is. Resolves with the job and its files. */
export async function send(files, said, { signal, progress }) {
  const form = new FormData();
  Object.entries(said).forEach(([name, value]) => form.append(name, value));
  files.forEach((file) => form.append("files", file, file.fromFolder ?? file.name));
  const response = await post(form, signal, progress);
  if (response.status === 401) {
    await askForKey();
    return send(files, said, { signal, progress });
  }
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

function post(form, signal, progress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    sending.onload = () => resolve(new Response(sending.responseText, { status: sending.status }));
    sending.onerror = () => reject(new Error("The desk does not answer."));
    sending.onabort = () => reject(new DOMException("Stopped", "AbortError"));
    signal.addEventListener("abort", () => sending.abort(), { once: true });
    sending.open("POST", "/v1/assets");
    sending.send(form);
  });
}
