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
};

export async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  const type = String(body.type ?? "").split(":").pop();
  const title = TITLES[type] ?? (response.status === 503 ? "Not available just now" : body.title ?? "Something went wrong");
  return new ApiError({ title, detail: body.detail ?? `The desk answered ${response.status}.`, status: response.status, type });
}

/** One request; asks for the key when the desk wants one, and then tries again. */
export async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError({ title: "The desk does not answer", detail: "Is it still running? Nothing was sent.", status: 0 });
  }
  if (response.status === 401) {
    await askForKey();
    return request(path, options);
  }
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? null : response.json();
}

export const get = (path, options) => request(path, options);

export const post = (path, body, options = {}) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), ...options });

/** A form with files; the browser writes its own Content-Type. */
export const postForm = (path, form, options = {}) => request(path, { method: "POST", body: form, ...options });
