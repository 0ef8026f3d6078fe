"use strict";
/* Light, dark, or as the system says: the reader's choice, kept where the browser lets a page keep
   something. Without a script the page follows the system. */
(() => {
  const KEY = "songmake.theme";
  const CHOICES = ["auto", "light", "dark"];
  const root = document.documentElement;

  /** @returns {string} one of CHOICES */
  function kept() {
    try {
      const choice = localStorage.getItem(KEY);
      return CHOICES.includes(choice) ? choice : "auto";
    } catch {
      return "auto";
    }
  }

  /** @param {string} choice one of CHOICES */
  function show(choice) {
    root.dataset.theme = choice;
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.setAttribute("aria-label", `Colours: ${choice}`);
      button.title = `Colours: ${choice}`;
    }
  }

  show(kept());
  document.addEventListener("DOMContentLoaded", () => {
    show(kept());
    document.addEventListener("click", (event) => {
      if (!event.target.closest("[data-theme-switch]")) return;
      const next = CHOICES[(CHOICES.indexOf(root.dataset.theme) + 1) % CHOICES.length];
      try {
        localStorage.setItem(KEY, next);
      } catch {
        // the choice lasts as long as the page
      }
      show(next);
    });
  });
})();
