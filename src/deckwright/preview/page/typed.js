"use strict";
// What was typed beside what was expected, as Anki's reviewer shows it: the same HTML to the last
// byte, of any field that a card may have (no card has [anki:…]). It finds the longest text that
// both share, and does the same before and behind it: Python's difflib without its `autojunk`.
// tests/preview/test_typed.py compares it with Anki.
globalThis.typed = (() => {
  // The entities of HTML 4, which are those that Anki knows: in runs of characters, each after the
  // number of its first.
  const ENTITIES = `
    34 quot 38 amp 60 lt 62 gt 160 nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo
    not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14
    frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml
    Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute
    Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute
    ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash
    ugrave uacute ucirc uuml yacute thorn yuml 338 OElig oelig 352 Scaron scaron 376 Yuml 402 fnof
    710 circ 732 tilde 913 Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi
    Omicron Pi Rho 931 Sigma Tau Upsilon Phi Chi Psi Omega 945 alpha beta gamma delta epsilon zeta
    eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega
    977 thetasym upsih 982 piv 8194 ensp emsp 8201 thinsp 8204 zwnj zwj lrm rlm 8211 ndash mdash
    8216 lsquo rsquo sbquo 8220 ldquo rdquo bdquo 8224 dagger Dagger bull 8230 hellip 8240 permil
    8242 prime Prime 8249 lsaquo rsaquo 8254 oline 8260 frasl 8364 euro 8465 image 8472 weierp 8476
    real 8482 trade 8501 alefsym 8592 larr uarr rarr darr harr 8629 crarr 8656 lArr uArr rArr dArr
    hArr 8704 forall 8706 part exist 8709 empty 8711 nabla isin notin 8715 ni 8719 prod 8721 sum
    minus 8727 lowast 8730 radic 8733 prop infin 8736 ang 8743 and or cap cup int 8756 there4 8764
    sim 8773 cong 8776 asymp 8800 ne equiv 8804 le ge 8834 sub sup nsub 8838 sube supe 8853 oplus
    8855 otimes 8869 perp 8901 sdot 8968 lceil rceil lfloor rfloor 9001 lang rang 9674 loz 9824
    spades 9827 clubs 9829 hearts diams
  `;
  const SOUND = /\[sound:[^\]]+\]/g;
  const BREAKS = /(?:\n|<br\p{White_Space}?\/?>|<\/?div>)+/giu;
  const TAGS = /<!--.*?-->|<style.*?>.*?<\/style>|<script.*?>.*?<\/script>|<.*?>/gisu;
  const SPACE = /\p{White_Space}/u; // trim() knows others
  const MARK = /^\p{M}/u;
  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };

  const signs = new Map();
  let code = 0;
  for (const word of ENTITIES.trim().split(/\s+/)) {
    if (/^\d/.test(word)) code = Number(word);
    else signs.set(word, String.fromCodePoint(code++));
  }

  const escape = (text) => text.replace(/[&<>"']/g, (one) => ESCAPES[one]);

  // What was expected, as text

  const sign = (name) => {
    if (!/^#(?:\d+|x[\da-fA-F]+)$/.test(name)) return signs.get(name);
    const number = Number(name.slice(1).replace("x", "0x"));
    const isSign = number < 0xd800 || (number > 0xdfff && number <= 0x10ffff);
    return isSign ? String.fromCodePoint(number) : undefined;
  };

  // Nothing is decoded in a text of which one ampersand begins no entity; and where there is no
  // ampersand, a no-break space stays what it is.
  const decoded = (text) => {
    if (!text.includes("&")) return text;
    let all = true;
    const plain = text.replace(/&([^;]*)(;?)/g, (_, name, end) => {
      const found = end && sign(name);
      all &&= Boolean(found);
      return found;
    });
    return all ? plain.replaceAll("\u00a0", " ") : text;
  };

  const trimmed = (text) => {
    let [start, end] = [0, text.length];
    while (start < end && SPACE.test(text[start])) start++;
    while (start < end && SPACE.test(text[end - 1])) end--;
    return text.slice(start, end);
  };

  const textOf = (html) =>
    trimmed(decoded(html.replace(SOUND, "").replace(BREAKS, " ").replace(TAGS, "")));

  // What two lists of characters share

  const places = (list) => {
    const found = new Map();
    list.forEach((one, place) => {
      if (!found.has(one)) found.set(one, []);
      found.get(one).push(place);
    });
    return found;
  };

  // The longest run that both have within these limits; of several, the first.
  const longest = (a, where, [fromA, toA, fromB, toB]) => {
    let [startA, startB, size] = [fromA, fromB, 0];
    let ending = new Map(); // how long a run ends at a place of b, and at the last place of a
    for (let i = fromA; i < toA; i++) {
      const longer = new Map();
      for (const j of where.get(a[i]) ?? []) {
        if (j < fromB) continue;
        if (j >= toB) break;
        const run = (ending.get(j - 1) ?? 0) + 1;
        longer.set(j, run);
        if (run > size) [startA, startB, size] = [i + 1 - run, j + 1 - run, run];
      }
      ending = longer;
    }
    return [startA, startB, size];
  };

  // All runs that two lists share, in order: [start in a, start in b, length]. None ends where
  // another begins: both would have been one longer run.
  const shared = (a, b) => {
    const where = places(b);
    const open = [[0, a.length, 0, b.length]];
    const found = [];
    while (open.length) {
      const [fromA, toA, fromB, toB] = open.pop();
      const run = longest(a, where, [fromA, toA, fromB, toB]);
      const [startA, startB, size] = run;
      if (!size) continue;
      found.push(run);
      open.push([fromA, startA, fromB, startB], [startA + size, toA, startB + size, toB]);
    }
    return found.sort((one, other) => one[0] - other[0]);
  };

  // The HTML

  const span = (name, list) => {
    const text = list.join("");
    // A mark would go on the sign before it.
    const own = MARK.test(text) ? `\u00a0${text}` : text;
    return text && `<span class=${name}>${escape(own)}</span>`;
  };

  const rows = (given, expected) => {
    let [above, below, endA, endB] = ["", "", 0, 0];
    for (const [a, b, size] of [...shared(given, expected), [given.length, expected.length, 0]]) {
      const [wrong, missed] = [given.slice(endA, a), expected.slice(endB, b)];
      const good = span("typeGood", given.slice(a, a + size));
      const gap = wrong.length ? [] : missed.map(() => "-");
      above += span("typeBad", wrong) + span("typeMissed", gap) + good;
      below += span("typeMissed", missed) + good;
      [endA, endB] = [a + size, b + size];
    }
    return `${above}<br><span id=typearrow>&darr;</span><br>${below}`;
  };

  const result = (expected, given) => {
    if (!given) return escape(expected);
    const [want, have] = [expected.normalize("NFC"), given.normalize("NFC")];
    if (want === have) return `<span class=typeGood>${escape(want)}</span>`;
    return rows([...have], [...want]);
  };

  // `expected` is HTML, as a field is; `given` is what was typed.
  const compare = (expected, given) => `<code id=typeans>${result(textOf(expected), given)}</code>`;

  return { compare };
})();
