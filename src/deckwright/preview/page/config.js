"use strict";
// As in Anki: only \( \) and \[ \], and the packages that it loads.
window.MathJax = {
  tex: {
    inlineMath: [["\\(", "\\)"]],
    displayMath: [["\\[", "\\]"]],
    processEscapes: false,
    processEnvironments: false,
    processRefs: false,
    packages: {
      "[+]": ["noerrors", "mathtools", "mhchem"],
      // What one card defined would change the formulas of the next; nothing is to be loaded.
      "[-]": ["textmacros", "newcommand", "require"],
    },
  },
  options: { enableMenu: false },
  startup: {
    typeset: false,
    ready() {
      // No addresses of fonts: each frame gets those that it needs from this page.
      MathJax._.output.chtml.fonts.tex_ts.TeXFont.defaultFonts = {};
      MathJax.startup.defaultReady();
    },
  },
};
