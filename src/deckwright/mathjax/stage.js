// Before MathJax: the little of a browser that its file asks for when it is loaded, and later to
// measure. Nothing is drawn; MathJax's own start-up, which would typeset a page, is left out.
"use strict";
{
  const nothing = () => null;
  const element = () => ({ querySelectorAll: () => [] });
  globalThis.window = globalThis;
  globalThis.document = {
    currentScript: null,
    head: { appendChild: nothing }, // where a package would be loaded
    body: {},
    documentElement: element(),
    styleSheets: [],
    addEventListener: nothing,
    createElement: element,
    getElementById: nothing,
    getElementsByTagName: () => [],
    querySelector: nothing,
  };
  globalThis.console = { log: nothing, warn: nothing, error: nothing };
  globalThis.setTimeout = () => 0;
  globalThis.location = { protocol: "file:", href: "file:///", pathname: "/" };
  globalThis.navigator = { userAgent: "", appVersion: "", platform: "" };
  globalThis.MathJax = {
    startup: { ready: nothing, typeset: false },
    loader: { ready: nothing, load: [] },
  };

  // Outside MathJax's fonts the system's are used, which are not known here: an em for what is
  // set wide (emoji and East Asian: unicode.org/reports/tr11), half an em for the rest.
  const WIDE = new RegExp(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f" +
      "\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]",
    "u",
  );
  const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
  const measure = (text) => {
    let em = 0;
    for (const char of text) em += NO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 1 : 0.5;
    return em;
  };

  // A formula on a page of 1em = 16px that never makes it wrap.
  const METRICS = { em: 16, ex: 8, containerWidth: 1e6, lineWidth: 1e6, scale: 1 };
  function Item(math, _jax, display) {
    Object.assign(this, { math, display, root: null, metrics: METRICS });
    Object.assign(this, { inputData: {}, outputData: {}, start: {}, end: {}, state: () => 0 });
  }

  globalThis.STAGE = { measure, Item };
}
