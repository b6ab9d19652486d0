// Building the page. Text goes in as text, never as markup: captions and file names are strangers' words.

export const byId = (id) => document.getElementById(id);

/** An element with attributes, listeners (`onclick`) and children; strings become text nodes. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Say something to those who listen to the page. */
export function announce(text) {
  byId("announcer").textContent = text;
}

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

export const percent = (share) => `${Math.round(share * 100)}%`;
