"use strict";
// What a search finds: every word of it, whatever the capitals, accents and signs.
globalThis.search = (() => {
  const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" };
  const GREEK =
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron " +
    "pi rho sigma sigma tau upsilon phi chi psi omega";
  const NAMES = new Map(
    GREEK.split(" ").map((name, at) => [String.fromCharCode(0x3b1 + at), name]),
  );

  // A formula is found by its letters: D_{\\mathrm{KL}} by D_KL, \\sigma by σ and by sigma.
  const fold = (text) =>
    text
      .normalize("NFKD")
      .toLowerCase()
      .replace(/\p{M}+/gu, "")
      .replace(/[ßæœøłđðþı]/g, (letter) => LETTERS[letter])
      .replace(/[α-ω]/g, (letter) => NAMES.get(letter))
      .replace(/\\(?:math\w+|text\w*|operatorname\*?|boldsymbol|var(?=\w))/g, "")
      .replace(/[\\${}_^"“”„«»]/g, "")
      .replace(/[’‘ʼ]/g, "'");

  // Whether a folded text has each word, one of a letter or two as a whole; of no word, it has all.
  const finds = (words) => {
    const wanted = fold(words).split(/\s+/).filter(Boolean);
    const short = wanted.filter((word) => /^[a-z0-9]{1,2}$/.test(word));
    const whole = short.map((word) => new RegExp(`(?<![a-z0-9])${word}(?![a-z0-9])`));
    const long = wanted.filter((word) => !short.includes(word));
    return (folded) =>
      long.every((word) => folded.includes(word)) && whole.every((word) => word.test(folded));
  };

  return { fold, finds };
})();
