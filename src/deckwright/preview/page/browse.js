"use strict";
// The list of notes, and one card of them: as Anki shows it, at an address of its own.
globalThis.browse = (() => {
  const { $, made, memory } = page;
  const THEME = "deckwright theme";
  const NARROW = matchMedia("(max-width: 60rem)");
  const frame = cardFrames.make("Card");
  const shown = { id: "", card: 0, side: "back", width: "desktop", is: "", of: "" };
  const listeners = [];
  let notes = [];
  let byId = new Map();
  let folded = new Map();
  let entries = new Map();
  let sources = new Map();

  // The theme

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const night = () => document.documentElement.dataset.theme === "night";
  let chosen = memory.get(THEME);
  const useTheme = () => {
    document.documentElement.dataset.theme = chosen ?? (dark.matches ? "night" : "light");
    $("THEME").ariaPressed = String(night());
    for (const listen of listeners) listen();
  };

  // The list

  const linksIn = (list) =>
    new Map([...list.querySelectorAll(".entries a")].map((link) => [link.id, link]));

  // As they were made, before formulas were set in them.
  const sourcesOf = (links) => new Map([...links].map(([id, link]) => [id, link.outerHTML]));

  const take = () => {
    notes = cardFrames.data.notes;
    byId = new Map(notes.map((note) => [note.id, note]));
    folded = new Map(
      notes.map((note) => [note, search.fold(`${note.words} ${note.tags.join(" ")}`)]),
    );
    entries = linksIn($("CHAPTERS"));
    fillSelect($("CHAPTER"), cardFrames.data.chapters, (_, number) => String(number));
    fillSelect($("TAG"), [...new Set(notes.flatMap((note) => note.tags))].sort());
    for (const link of entries.values()) near.observe(link);
  };

  const fillSelect = (select, names, valueOf = (name) => name) => {
    const chosen = select.selectedOptions[0]?.text;
    select.length = 1;
    names.forEach((name, number) => select.add(new Option(name, valueOf(name, number))));
    page.select(select, chosen);
    select.hidden = names.length < 2;
  };

  // A formula costs most when it is set: none is before it is nearly in sight.
  const near = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        const prompt = target.querySelector(".prompt");
        cardFrames.typeset(prompt);
      }
    },
    { rootMargin: "600px" },
  );

  const filtered = () => {
    const finds = search.finds($("WORDS").value);
    const [chapter, tag] = [$("CHAPTER").value, $("TAG").value];
    return notes.filter(
      (note) =>
        (chapter === "" || note.chapter === Number(chapter)) &&
        (tag === "" || note.tags.includes(tag)) &&
        finds(folded.get(note)),
    );
  };

  const filter = () => {
    const found = new Set(filtered().map((note) => note.id));
    for (const [id, link] of entries) link.parentElement.hidden = !found.has(id);
    for (const section of $("CHAPTERS").children) {
      const number = section.querySelectorAll("li:not([hidden])").length;
      section.hidden = number === 0;
      section.querySelector(".count").textContent = number.toLocaleString("en");
    }
    const [some, all] = [found.size, notes.length].map((number) => number.toLocaleString("en"));
    $("HITS").textContent = some === all ? "" : `${some} of ${all} notes`;
    $("EMPTY").hidden = notes.length > 0;
    $("NONE").hidden = found.size > 0 || notes.length === 0;
    return found;
  };

  // What is found is in sight, and the first of it is shown beside it.
  const searched = () => {
    const found = filter();
    const below = $("MAIN").getBoundingClientRect().top - $("BAR").offsetHeight;
    if (below > 0) scrollBy({ top: below, behavior: "instant" });
    const [first] = filtered();
    if (first && !found.has(shown.id) && !NARROW.matches) open({ note: first, card: 0 });
  };

  // The card

  const find = (address) => {
    const [id, number] = address.split("/");
    const note = byId.get(id) ?? notes.find((one) => one.was.includes(id));
    if (!note) return null;
    const card = note.cards.findIndex((one) => one.number === Number(number));
    return { note, card: Math.max(card, 0) };
  };

  const open = ({ note, card }) => {
    entries.get(shown.id)?.removeAttribute("aria-current");
    Object.assign(shown, { id: note.id, card });
    entries.get(note.id)?.setAttribute("aria-current", "true");
    entitle();
    $("VIEWER").hidden = false;
    show();
  };

  let deck = document.title;
  const entitle = () => {
    const { view } = document.body.dataset;
    const link = entries.get(shown.id);
    const prompt = link?.ariaLabel ?? link?.querySelector(".prompt").textContent;
    const words = { study: "Study", card: prompt }[view];
    document.title = words ? `${words} – ${deck}` : deck;
  };

  const address = (note, card) => (card ? `${note.id}/${note.cards[card].number}` : note.id);

  const show = () => {
    const note = byId.get(shown.id);
    if (!note) return;
    if (!note.cards[shown.card]) shown.card = 0;
    const card = note.cards[shown.card];
    if (card) showInPlace(card);
    press($("SIDES"), "side", shown.side);
    press($("WIDTHS"), "width", shown.width);
    $("STAGE").dataset.width = shown.width;
    showCards(note);
    $("AS_OF").hidden = !note.asOf;
    $("AS_OF").textContent = note.asOf ? `This note has an error: it is shown ${note.asOf}.` : "";
    about(note);
  };

  // What is shown already stays as it is; what takes its place begins where it was.
  // What is not in sight waits: MathJax measures the letters around a formula.
  const showInPlace = async (card) => {
    if ($("STAGE").offsetParent === null) {
      shown.is = "";
      return;
    }
    const how = { back: shown.side === "back", night: night() };
    const is = JSON.stringify([card, how, cardFrames.data.css[card.css]]);
    if (is === shown.is) return;
    const top = shown.of === shown.id ? $("VIEWER").scrollTop : 0;
    Object.assign(shown, { is, of: shown.id });
    await frame.show(card, how);
    $("VIEWER").scrollTop = top;
  };

  const press = (group, what, value) => {
    for (const button of group.children) {
      button.ariaPressed = String(button.dataset[what] === value);
    }
  };

  const showCards = (note) => {
    const group = $("CARDS");
    group.hidden = note.cards.length < 2;
    if (group.dataset.of !== note.id || group.children.length !== note.cards.length) {
      group.dataset.of = note.id;
      group.replaceChildren(
        ...note.cards.map(({ name }, number) => {
          const button = made("button", { type: "button", textContent: name });
          button.dataset.card = String(number);
          return button;
        }),
      );
    }
    press(group, "card", String(shown.card));
  };

  const about = (note) => {
    const parts = [];
    if (note.place) {
      const words = note.edit ? `Edit ${note.place}` : note.place;
      const values = { textContent: words, className: "place" };
      const link = { href: note.edit, target: "_blank", rel: "noopener noreferrer" };
      parts.push(note.edit ? made("a", { ...values, ...link }) : made("span", values));
    }
    const here = `#${address(note, shown.card)}`;
    parts.push(made("a", { textContent: here, href: here, className: "here" }));
    for (const tag of note.tags) {
      const button = made("button", { type: "button", className: "tag", textContent: tag });
      button.dataset.tag = tag;
      parts.push(button);
    }
    $("ABOUT").replaceChildren(...parts);
  };

  // Steps over the cards that are found, from note to note.
  const step = (by) => {
    const found = filtered();
    const cards = found.flatMap((note) => note.cards.map((_, card) => ({ note, card })));
    const here = cards.findIndex(({ note, card }) => note.id === shown.id && card === shown.card);
    const next = cards[here < 0 ? 0 : here + by];
    if (!next) return;
    open(next);
    history.replaceState(null, "", `#${address(next.note, next.card)}`);
    if (!NARROW.matches) entries.get(next.note.id)?.scrollIntoView({ block: "nearest" });
  };

  // Addresses: #/ is the list, #/study the other view, #id a note and #id/2 a card of it

  const asked = () => {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return ""; // a % that is none of an address
    }
  };

  const route = () => {
    const hash = asked();
    const target = hash.startsWith("/") ? null : find(hash);
    const studies = hash === "/study";
    $("BROWSE").hidden = studies;
    $("STUDY").hidden = !studies;
    $("FILTER").hidden = studies;
    $("TO_BROWSE").ariaCurrent = studies ? null : "page";
    $("TO_STUDY").ariaCurrent = studies ? "page" : null;
    document.body.dataset.view = studies ? "study" : target ? "card" : "list";
    entitle();
    const isLost = !target && hash !== "" && !hash.startsWith("/");
    $("LOST").hidden = !isLost;
    $("LOST").textContent = isLost
      ? `There is no card ${hash} in this deck: it may have been retired.`
      : "";
    if (target) open(target);
    else if (!studies && !byId.has(shown.id) && notes.length) open({ note: notes[0], card: 0 });
    for (const listen of listeners) listen();
  };

  const go = (hash) => {
    history.pushState(null, "", hash);
    route();
  };

  $("CHAPTERS").addEventListener("click", (event) => {
    const link = event.target.closest(".entries a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(`#${link.id}`);
    if (NARROW.matches) $("BACK").focus();
  });
  $("BACK").addEventListener("click", () => {
    go("#/");
    const link = entries.get(shown.id);
    link?.scrollIntoView({ block: "center" });
    link?.focus();
  });
  $("SIDES").addEventListener("click", ({ target }) => {
    if (!target.dataset.side) return;
    shown.side = target.dataset.side;
    show();
  });
  $("WIDTHS").addEventListener("click", ({ target }) => {
    if (!target.dataset.width) return;
    shown.width = target.dataset.width;
    show();
  });
  $("CARDS").addEventListener("click", ({ target }) => {
    if (!target.dataset.card) return;
    shown.card = Number(target.dataset.card);
    history.replaceState(null, "", `#${address(byId.get(shown.id), shown.card)}`);
    show();
  });
  $("ABOUT").addEventListener("click", ({ target }) => {
    if (!target.dataset.tag) return;
    $("TAG").value = target.dataset.tag;
    filter();
    if (NARROW.matches) go("#/");
  });
  $("PREVIOUS").addEventListener("click", () => step(-1));
  $("NEXT").addEventListener("click", () => step(1));
  for (const id of ["WORDS", "CHAPTER", "TAG"]) $(id).addEventListener("input", searched);
  $("FILTER").addEventListener("submit", (event) => {
    event.preventDefault();
    const [first] = filtered();
    if (!first) return;
    go(`#${first.id}`);
    $(NARROW.matches ? "BACK" : "VIEWER").focus({ preventScroll: true });
  });
  $("CLEAR").addEventListener("click", () => {
    $("FILTER").reset();
    filter();
    $("WORDS").focus();
  });
  $("THEME").addEventListener("click", () => {
    chosen = night() ? "light" : "night";
    memory.set(THEME, chosen);
    useTheme();
  });
  $("SKIP").addEventListener("click", (event) => {
    event.preventDefault();
    $("MAIN").focus();
  });
  NARROW.addEventListener("change", () => show());
  dark.addEventListener("change", useTheme);
  addEventListener("hashchange", route);
  addEventListener("popstate", route);

  // Keys, in this page and in a card

  const inText = (target) => target.matches?.("input, select, textarea") ?? false;
  const isItsOwn = ({ key, target }) =>
    /^(?: |Enter|Arrow.*)$/.test(key) && (target.matches?.("audio, video, summary") ?? false);
  const keys = [];
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isItsOwn(event)) return;
    for (const listen of keys) if (listen(event, inText(event.target))) event.preventDefault();
  };
  const hear = (inside) => inside.addEventListener("keydown", onKey);
  document.addEventListener("keydown", onKey);
  frame.whenLoaded(hear);

  keys.push(({ key }, writes) => {
    if (writes || $("BROWSE").hidden) return false;
    if (key === "ArrowLeft") step(-1);
    else if (key === "ArrowRight") step(1);
    else if (key === "/") $("WORDS").focus();
    else return false;
    return true;
  });

  $("STAGE").append(frame.element);
  listeners.push(show);
  sources = sourcesOf(linksIn($("CHAPTERS")));
  take();
  useTheme();
  filter();
  route();

  return {
    night,
    shows: (id) => !$("BROWSE").hidden && shown.id === id,
    notes: () => notes,
    filtered,
    hear,
    keys,
    whenChanged: (listen) => listeners.push(listen),

    // The list of a later state: what did not change stays as it is, set and in its place.
    renew(chapters, title) {
      deck = title;
      const fresh = made("template", { innerHTML: chapters }).content;
      const links = linksIn(fresh);
      const before = sources;
      sources = sourcesOf(links);
      for (const [id, link] of links) {
        if (before.get(id) === sources.get(id)) link.replaceWith(entries.get(id));
      }
      const top = scrollY;
      const { id: focused } = document.activeElement;
      $("CHAPTERS").replaceChildren(fresh);
      $(focused)?.focus({ preventScroll: true });
      take();
      filter();
      entries.get(shown.id)?.setAttribute("aria-current", "true");
      scrollTo({ top, behavior: "instant" });
      const target = find(asked());
      if (target ? target.note.id !== shown.id : !byId.has(shown.id)) route();
      else show();
      entitle();
    },
  };
})();
