"use strict";
/* Texts that are made in the page. */

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

/**
 * @param {number} seconds
 * @returns {string} 3:07, or 1:02:45
 */
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/**
 * An element with attributes and children; strings are text and never markup.
 * @param {string} name
 * @param {Object<string, string>} attributes
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, text] of Object.entries(attributes)) element.setAttribute(key, text);
  element.append(...children);
  return element;
}

/** @param {{id: string, take: number}[]} picks @returns {string} lines for the manifest */
function picksYaml(picks) {
  // a mapping's key could read as a number or a yes: quoted, it is an id in every reader
  const key = (id) => (/^[a-z][a-z0-9-]*$/.test(id) && !/^(y|n|yes|no|on|off|true|false|null)$/.test(id) ? id : `"${id}"`);
  return ["songs:", ...picks.flatMap(({ id, take }) => [`  ${key(id)}:`, `    pick: ${take}`])].join("\n") + "\n";
}

/** @param {string} album @param {{id: string, take: number}[]} picks @returns {string} a picks file */
function picksFile(album, picks) {
  const chosen = Object.fromEntries(picks.map(({ id, take }) => [id, take]));
  return JSON.stringify({ schema: "songmake/picks/1", album, picks: chosen }, null, 2) + "\n";
}
