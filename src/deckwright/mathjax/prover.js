// After MathJax: says what Anki makes of one formula. The keys of an answer are those of
// `Verdict` in engine.py, and `spent` where the context must not be asked again.
"use strict";
{
  const { input, output, core } = MathJax._;

  // As Anki configures it (its ts/mathjax/index.ts): without `textmacros`, and with two packages a
  // second time, which counts: \prescript fails of it. `noerrors` would hide what we ask for.
  const PACKAGES = MathJax.config.tex.packages
    .filter((name) => name !== "textmacros" && name !== "noerrors")
    .concat("mathtools", "mhchem");
  const FINDER = new input.tex.FindTeX.FindTeX({
    displayMath: [["\\[", "\\]"]],
    processEscapes: false,
    processEnvironments: false,
    processRefs: false,
  });
  // A colour that no formula can name.
  const UNDEFINED = "\u0000undefined";
  // What a formula may leave in its TeX: macros, colours, tag forms, options, packages.
  const LEAVES = /\\(?:def|let|(?:re)?new|provide|require|declare|mathtoolsset|usetag)/i;
  // What outlives even a new TeX: \unicode remembers fonts, the loader what it could not load.
  const OUTLIVES = /\\unicode[^]*\[|\\require/;

  const OUT = new output.chtml_ts.CHTML();
  OUT.setAdaptor({ node: () => ({}) }); // tables make an element at once, others only to draw
  OUT.measureText = (text) => ({ w: STAGE.measure(text), h: 0.75, d: 0.2 });
  // All parts that a formula is drawn of, those that MathJax makes up itself included.
  let parts = [];
  const { wrap } = OUT.factory;
  OUT.factory.wrap = (...asked) => {
    const part = wrap.apply(OUT.factory, asked);
    parts.push(part);
    return part;
  };
  const PAGE = { outputJax: OUT, options: { MathItem: STAGE.Item }, document: {} };

  // The engine's own limits are not MathJax's errors: engine.py hears of them. (Where no memory is
  // left for an error object, quickjs throws null.)
  const attempt = (action, otherwise) => {
    try {
      return action();
    } catch (error) {
      if (!error || /call stack|out of memory/.test(error.message)) throw error;
      return otherwise(error);
    }
  };

  // How a formula is laid out; null where MathJax fails at that.
  const layOut = (item, root) => {
    parts = [];
    return attempt(() => OUT.getBBox(Object.assign(item, { root }), PAGE), () => null);
  };

  const width = (box) => box ? Math.max(0, box.L + box.w + box.R) || 0 : 0; // with room for tags

  // What stretches may get each of its sizes: how wide a text of other fonts is, is not known here.
  const STRETCHED = ["S1", "S2", "S3", "S4", "A"];
  // As MathJax's own text nodes choose a font, when they are drawn.
  const lettersOf = (part) => {
    if (part.stretch?.dir) return STRETCHED;
    if (part.node.kind !== "text") return [];
    const { variant } = part.parent;
    if (variant === "-explicitFont") return ["*"];
    const signs = part.remappedText(part.node.getText(), variant);
    return signs.map((sign) => part.getVariantChar(variant, sign)[3].f);
  };
  const fonts = (box) => {
    const letters = box && attempt(() => parts.flatMap(lettersOf), () => null);
    return letters ? [...new Set(letters)].filter(Boolean).sort() : ["*"];
  };

  let failed = null;
  const newTeX = () => {
    const tex = new input.tex_ts.TeX({
      packages: PACKAGES,
      noundefined: { color: UNDEFINED },
      formatError(jax, error) {
        const at = jax.parseOptions.parsers.map((parser) => [parser.string, parser.i]);
        failed = { error: error.message.replace(/\n.*/, ""), error_id: String(error.id), at };
        return jax.parseOptions.nodeFactory.create("error", failed.error, error.id, jax.latex);
      },
    });
    tex.setMmlFactory(new core.MmlTree.MmlFactory.MmlFactory());
    return tex;
  };
  let jax = newTeX();

  // The place of the outermost parser, in code points. What is left of its string is what is left
  // of the formula: macros are replaced in front. An inner parser's string is looked for there.
  const position = (tex, parsers) => {
    if (!parsers.length) return null;
    const [whole, i] = parsers[parsers.length - 1];
    let at = Math.min(Math.max(tex.length - (whole.length - i), 0), tex.length);
    for (const [inner, j] of parsers.slice(0, -1).reverse()) {
      const start = inner ? tex.lastIndexOf(inner, at) : -1;
      if (start < 0) break;
      at = start + Math.min(j, inner.length);
    }
    return [...tex.slice(0, at)].length;
  };

  const compile = (item) => {
    failed = null;
    jax.reset();
    const root = attempt(
      () => jax.compile(item, PAGE),
      ({ retry, message }) => {
        failed = retry
          ? { error: "loads an extension", error_id: "Retry", at: [] }
          : { error: String(message).replace(/\n.*/, ""), error_id: "Internal", at: [] };
      },
    );
    return failed ? { ...failed, at: position(item.math, failed.at) } : { root };
  };

  const GROUP = String.raw`\{(?:[^{}\\]|\\[^]|\{(?:[^{}\\]|\\[^])*\})*\}`;
  const TEXT = String.raw`text\w*|[hmf]box|tag|(?:short)?intertext`; // only formulas are read in it
  const NO_TEX = "begin|end|ce|pu|cf|label|(?:eq)?ref|href|class|cssId|style|unicode|color";
  const COMMAND = new RegExp(
    String.raw`\\verb\s*(\S)[^]*?\1|\\(${TEXT})\s*\*?(${GROUP})|\\(?:${NO_TEX})\s*${GROUP}` +
      String.raw`|\\([a-z]+|[\ud800-\udbff]?[^])`,
    "gi",
  );
  const ENDS = new Set(["of", "endtoggle"]); // of \root and \toggle; no commands of their own

  // The control sequences that no table of MathJax's knows, wherever it gave up.
  function* unknown(tex) {
    const macros = jax.parseOptions.handlers.get("macro");
    const delimiters = jax.parseOptions.handlers.get("delimiter");
    for (const [, , text, group, name] of tex.matchAll(COMMAND)) {
      if (text && !macros.contains(text)) yield text;
      for (const [, inner] of group?.matchAll(/\$([^$]*)\$/g) ?? []) yield* unknown(inner);
      if (!name || ENDS.has(name)) continue;
      if (!macros.contains(name) && !delimiters.contains(`\\${name}`)) yield name;
    }
  }

  // In the order of the formula; what a macro brought in comes last.
  const inOrder = (tex, names) => {
    const at = (name) =>
      `${tex}\\${name}`.search(new RegExp(`\\\\${name.replace(/\W/g, "\\$&")}(?![A-Za-z])`));
    return [...new Set(names)].sort((a, b) => at(a) - at(b));
  };

  const COLOUR = "(?:#?[\\w-]+|(?:rgb|hsl)a?\\([\\d\\s.,%]*\\))";
  const FRAME = `2px solid ${COLOUR}`; // \fcolorbox
  const BRACKET = "[\\d.]+em solid; border-(?:top|bottom): none"; // \overbracket
  const SANE = {
    style: new RegExp(`^border: (?:${FRAME}|${BRACKET})$`),
    href: /^(?:https:\/\/|mailto:)[^\s"'<>`\\]+$/i,
    id: /^mjx-eqn:[^\s"'<>`\\]*$/, // as \tag writes it
    class: /^(?:MathJax_ref|MathML-Unit)$/, // \ref, \degree
    braketbar: /^true$/, // \set{x|y}
    semantics: /^(?:;?bspr_\w+:\w+)+$/, // proof trees
    color: new RegExp(`^${COLOUR}$`),
  };
  SANE.mathcolor = SANE.mathbackground = SANE.background = SANE.color;
  const REFERENCE = /^#(?:mjx-eqn[\w%.:-]*)?$/; // as \ref writes it, with its class
  const CODE = /[;:{}<>"\\]|url\(|\/\*/i;
  const FOREIGN = new Set(["mglyph", "XML", "annotation", "annotation-xml", "semantics"]);
  const OWN = /^data-(mjx-[\w-]+|padding|thickness|arrowhead|align|cramped|width-includes-label)$/;

  const isSane = (node, name, value) => {
    if (name === "href" && REFERENCE.test(value)) {
      return explicit(node).class === "MathJax_ref";
    }
    if (SANE[name]) return SANE[name].test(value);
    return (node.attributes.hasDefault(name) || OWN.test(name)) && !CODE.test(value);
  };

  // Its own attributes; the rest of what MathJax's object answers to is inherited.
  const explicit = (node) => ({ ...node.attributes?.getAllAttributes() });

  const survey = (root, tex) => {
    const found = { undefined: [], raw: new Set(), unsafe: new Set(), breaks: false };
    const verbs = tex.matchAll(/\\verb\s*(\S)([^]*?)\1/g);
    const verbatim = new Set([...verbs].map(([, , text]) => text.replace(/ /g, "\u00a0")));
    root.walkTree((node) => {
      if (FOREIGN.has(node.kind)) found.unsafe.add(node.kind);
      if (!node.attributes) return;
      const own = explicit(node);
      if (node.kind === "mtext" || node.kind === "ms") {
        const text = node.childNodes.map((child) => child.text ?? "").join("");
        if (own.mathcolor === UNDEFINED) return void found.undefined.push(text.slice(1));
        const meant = text === "\\" && tex.includes("\\textbackslash"); // which is one alone
        if (!meant && isRaw(node, text, own, verbatim)) found.raw.add(text);
      }
      if (own.linebreak === "newline") found.breaks = true;
      for (const name in own) {
        if (!isSane(node, name, String(own[name]))) found.unsafe.add(`${name}="${own[name]}"`);
      }
    });
    return { ...found, raw: [...found.raw], unsafe: [...found.unsafe] };
  };

  const isRaw = (node, text, own, verbatim) => {
    if (text.includes("???") && explicit(node.parent).class === "MathJax_ref") return true;
    if (!text.includes("\\")) return false;
    return !(own.mathvariant === "monospace" && verbatim.has(text));
  };

  const DRAWN = new Set(["msqrt", "mroot", "menclose", "mglyph", "merror"]);
  const isDrawn = (node) => {
    if (node.kind === "text") return /[^\p{Z}\p{C}]/u.test(node.getText());
    if (node.kind === "mphantom") return false;
    const own = explicit(node);
    if (DRAWN.has(node.kind) || own.mathbackground || own.style) return true;
    if (node.kind === "mfrac" && parseFloat(own.linethickness ?? 1) !== 0) return true;
    if (/solid|dashed/.test([own.frame, own.rowlines, own.columnlines])) return true;
    return (node.childNodes ?? []).some(isDrawn);
  };

  globalThis.prove = (json) => {
    const { tex, display } = JSON.parse(json);
    const [open, close] = display ? ["\\[", "\\]"] : ["\\(", "\\)"];
    const matches = FINDER.findMath([open + tex + close]);
    const delimited = matches.length === 1 && matches[0].math === tex;
    const item = new STAGE.Item(tex, null, display);
    const { root, ...failure } = compile(item);
    const box = root && layOut(item, root);
    const found = root
      ? { ...survey(root, tex), empty: !isDrawn(root), width: width(box), fonts: fonts(box) }
      : { ...failure, undefined: unknown(tex), raw: [], unsafe: [], fonts: ["*"] };
    found.undefined = inOrder(tex, found.undefined);
    if (LEAVES.test(tex)) jax = newTeX();
    return JSON.stringify({ ...found, delimited, spent: OUTLIVES.test(tex) });
  };
}
