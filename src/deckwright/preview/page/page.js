"use strict";
// What all scripts of the site have in common.
globalThis.page = (() => {
  const $ = (id) => document.getElementById(id);

  const made = (tag, values) => Object.assign(document.createElement(tag), values);

  // Chooses by what is read: numbers of chapters change while a deck is edited.
  const select = (list, text) => {
    const at = [...list.options].findIndex((option) => option.text === text);
    list.selectedIndex = Math.max(at, 0);
  };

  // Some browsers keep nothing for a page that is a file.
  const memory = {
    get works() {
      return memory.set("deckwright", "") && memory.set("deckwright", null);
    },
    get(name) {
      try {
        return localStorage.getItem(name);
      } catch {
        return null;
      }
    },
    set(name, text) {
      try {
        if (text === null) localStorage.removeItem(name);
        else localStorage.setItem(name, text);
        return true;
      } catch {
        return false;
      }
    },
  };

  return { $, made, memory, select };
})();
