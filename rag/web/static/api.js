// Talking to the API: JSON in and out, every failure an ApiError with words for people.

import { askForKey } from "./access.js";

export class ApiError extends Error {
  /** @param {{title: string, detail: string, status: number, type?: string}} problem as RFC 9457 has it */
  constructor(problem) {
    super(problem.detail);
    Object.assign(this, { title: problem.title, status: problem.status, type: problem.type ?? "" });
  }

  get worthRetrying() {
    return this.status === 0 || this.status === 503;
  }
}

const TITLES = {
  "bad-query": "That cannot be asked",
  "bad-request": "That cannot be asked",
  "not-found": "Not found",
  "not-allowed": "Not allowed",
  "already-decided": "Somebody was faster",
  conflict: "Somebody was faster",
};

function asError(problem, status = problem.status) {
  const type = String(problem.type ?? "").split(":").pop();
  const title = TITLES[type] ?? (status === 503 ? "Not available just now" : problem.title ?? "Something went wrong");
  return new ApiError({ title, detail: problem.detail ?? `The desk answered ${status}.`, status, type });
}

export const problemOf = async (response) => asError(await response.json().catch(() => ({})), response.status);

/** One request, answered in JSON. */
export async function request(path, options = {}) {
  const response = await opened(path, options);
  return response.status === 204 ? null : response.json();
}

/** A response that is no failure; asks for the key when the desk wants one, and then tries again. */
async function opened(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError({ title: "The desk does not answer", detail: "Is it still running? Nothing was sent.", status: 0 });
  }
  if (response.status === 401) {
    await askForKey();
    return opened(path, options);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export const get = (path, options) => request(path, options);

const sent = (method) => (path, body, options = {}) =>
  request(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), ...options });

export const post = sent("POST");

export const patch = sent("PATCH");

export const remove = (path, options = {}) => request(path, { method: "DELETE", ...options });

/** A POST whose answer comes as server-sent events: each with its name and its JSON. Failures are thrown as ApiErrors. */
export async function* streamed(path, body, options = {}) {
  const response = await opened(path, {
    method: "POST", headers: { "Content-Type": "application/json", Accept: "text/event-stream" }, body: JSON.stringify(body), ...options,
  });
  let held = "";
  for await (const piece of pieces(response.body.pipeThrough(new TextDecoderStream()))) {
    const blocks = (held + piece).split("\n\n");
    held = blocks.pop();
    for (const event of blocks.map(eventOf).filter(Boolean)) {
      if (event.event === "error") throw asError(event.data);
      yield event;
    }
  }
}

/** The chunks of a stream; not every browser can iterate over one itself. */
async function* pieces(stream) {
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}

function eventOf(block) {
  const fields = block.split("\n").map((line) => line.match(/^(event|data): ?(.*)$/)).filter(Boolean);
  const data = fields.filter(([, name]) => name === "data").map(([, , value]) => value).join("\n");
  return data ? { event: fields.find(([, name]) => name === "event")?.[2] ?? "message", data: JSON.parse(data) } : null;
}

/** A form with files; the browser writes its own Content-Type. */
export const postForm = (path, form, options = {}) => request(path, { method: "POST", body: form, ...options });
