"use strict";
// Runs before the first paint, so that a chosen theme does not flash.
(() => {
  const names = { auto: "Auto", light: "Light", dark: "Dark" };
  const words = { auto: "as the system has it", light: "light", dark: "dark" };
  const order = Object.keys(names);
  const key = "stackwalk-theme";
  const remembered = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // a browser may refuse storage to a page from file://
    }
  };
  const remember = (theme) => {
    try {
      localStorage.setItem(key, theme);
    } catch {
      // then the choice lasts as long as the page is open
    }
  };
  let theme = order.includes(remembered()) ? remembered() : "auto";
  const apply = () => {
    document.documentElement.dataset.theme = theme;
  };
  apply();
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const label = () => {
      button.querySelector("span").textContent = names[theme];
      button.setAttribute("aria-label", `Colours: ${words[theme]}`);
    };
    label();
    button.addEventListener("click", () => {
      theme = order[(order.indexOf(theme) + 1) % order.length];
      remember(theme);
      apply();
      label();
    });
  });
})();
