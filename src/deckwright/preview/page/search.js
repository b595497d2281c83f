"use strict";
// What a search finds: every word of it, whatever the capitals and accents.
globalThis.search = (() => {
  const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" };

  const fold = (text) =>
    text
      .normalize("NFKD")
      .toLowerCase()
      .replace(/\p{M}+/gu, "")
      .replace(/[ßæœøłđðþı]/g, (letter) => LETTERS[letter]);

  // Whether a folded text has each word; of no word, it has all.
  const finds = (words) => {
    const wanted = fold(words).split(/\s+/).filter(Boolean);
    return (folded) => wanted.every((word) => folded.includes(word));
  };

  return { fold, finds };
})();
