"use strict";
// A sitting: cards are asked, answered and rated; study.js says which comes when.
globalThis.session = (() => {
  const { $, made, memory } = page;
  const { data } = cardFrames;
  const LARGEST = 1 << 26; // bytes of a file that are read
  const PLACE = `deckwright progress ${data.deck}`;
  const frame = cardFrames.make("Card");
  let cards = [];
  let byKey = new Map();
  let sitting = null;
  let answered = false;
  let given = "";
  let progress = study.none(data.deck);
  let unread = "";
  let isUnkept = false;

  // The progress, which other tabs may change too

  const load = () => {
    const text = memory.get(PLACE);
    const none = memory.works ? { progress: study.none(data.deck) } : {}; // perhaps forgotten
    const found = text === null ? none : study.read(text, data.deck);
    const stored = found.progress && study.follow(found.progress, cards);
    if (stored) progress = isUnkept ? study.join(progress, stored) : stored;
    unread = found.wrong ?? "";
    if (unread) say(unread);
  };

  // What cannot be read, as that of a newer page, is not written over.
  const keep = () => {
    if (unread) return false;
    const isKept = memory.set(PLACE, study.write(progress));
    isUnkept = !isKept;
    if (!isKept) say("This browser keeps nothing for this page: save your progress as a file.");
    return isKept;
  };

  const say = (words) => {
    $("SAID").textContent = words;
  };

  const take = () => {
    cards = browse.notes().flatMap((note) =>
      note.cards.map((card) => ({
        key: `${note.id}/${card.number}`,
        was: note.was.map((id) => `${id}/${card.number}`),
        chapter: note.chapter,
        note,
        card,
      }))
    );
    byKey = new Map(cards.map((card) => [card.key, card]));
    progress = study.follow(progress, cards);
  };

  // The start: what to study, and how far one is

  const percent = (share) => `${Math.round(100 * share)} %`;

  const bar = (name, some) => {
    const { mean, seen, of } = study.mastery(some, progress);
    const words = seen ? `${percent(mean)}, ${seen} of ${of} seen` : `${of} new`;
    const row = made("p", { className: "level" });
    const meter = made("progress", { max: 1, value: mean, ariaLabel: `${name}: ${words}` });
    row.append(
      made("span", { className: "name", textContent: name }),
      meter,
      made("span", { className: "words", textContent: words }),
    );
    return row;
  };

  const start = () => {
    const { chapters } = cardFrames.data;
    const bars = chapters.map((name, number) =>
      bar(name, cards.filter(({ chapter }) => chapter === number))
    );
    $("MASTERY").replaceChildren(
      bar("The whole deck", cards),
      ...(chapters.length > 1 ? bars : []),
    );
    const chosen = $("FROM").selectedOptions[0]?.text;
    $("FROM").length = 1;
    const found = browse.filtered().length;
    if (found < browse.notes().length && found) {
      $("FROM").add(new Option(`the ${found} notes found by your search`, "found"));
    }
    chapters.forEach((name, number) => $("FROM").add(new Option(name, String(number))));
    page.select($("FROM"), chosen);
    $("BEGIN").disabled = cards.length === 0;
    view("START");
  };

  const view = (name) => {
    $("LIVE").textContent = "";
    for (const one of ["START", "ROUND", "SUMMARY"]) $(one).hidden = one !== name;
  };

  const among = () => {
    const from = $("FROM").value;
    if (from === "found") {
      const found = new Set(browse.filtered());
      return cards.filter(({ note }) => found.has(note));
    }
    return from ? cards.filter(({ chapter }) => chapter === Number(from)) : cards;
  };

  const begin = () => {
    say("");
    load();
    sitting = study.begin(among(), progress, {
      most: Number($("SITTING").elements.most.value) || Infinity,
      shuffle: $("SHUFFLE").checked,
      now: Date.now(),
      random: Math.random,
    });
    if (!sitting.queue.length) return;
    view("ROUND");
    ask();
  };

  // A card

  const asked = () => byKey.get(sitting.queue[0]);

  const showCard = () => {
    const one = asked();
    given = answered ? given : box()?.value ?? "";
    if (one) return frame.show(one.card, { back: answered, night: browse.night(), given });
  };

  const box = () => frame.inside()?.querySelector("input#typeans");

  const ask = async () => {
    if (!sitting.queue.length) return end();
    answered = false;
    if (box()) box().value = "";
    const done = sitting.done.length;
    const of = sitting.cards.length;
    $("DONE").max = of;
    $("DONE").value = done;
    $("COUNT").textContent = `${done} of ${of}`;
    $("UNDO").disabled = !sitting.ratings.length;
    $("SHOW").hidden = false;
    $("RATE").hidden = true;
    $("LIVE").textContent = `A question. ${done} of ${of} cards are known.`;
    frame.element.title = "Question";
    scrollTo({ top: 0, behavior: "instant" });
    await showCard();
    if (answered) return;
    $("SHOW_KEY").textContent = box() ? "enter" : "space";
    (box() ?? $("SHOW")).focus({ preventScroll: true });
  };

  const answer = async () => {
    if (answered) return;
    given = box()?.value ?? "";
    answered = true;
    $("SHOW").hidden = true;
    $("RATE").hidden = false;
    frame.element.title = "Question and answer";
    $("LIVE").textContent = "The answer is shown. How well did you know this, from 1 to 5?";
    $("RATE").focus({ preventScroll: true }); // not a button: space twice would rate
    const one = sitting;
    await showCard();
    if (one === sitting) readOn();
  };

  // A screen reader goes on with the answer, where keys in a card are heard: not in all browsers.
  const readOn = () => {
    const next = frame.inside().getElementById("answer")?.nextElementSibling;
    if (!frame.hears() || !next) return;
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  };

  const rate = (rating) => {
    if (!answered) return;
    // What another tab remembered meanwhile is not lost.
    load();
    ({ sitting, progress } = study.rate(sitting, progress, rating, Date.now()));
    keep();
    ask();
  };

  const undo = () => {
    if (!sitting?.ratings.length) return;
    load();
    ({ sitting, progress } = study.undo(sitting, progress));
    keep();
    view("ROUND");
    ask();
  };

  const end = () => {
    const { ratings, done, cards: all } = sitting;
    const hard = study.hard(sitting).filter(({ key }) => byKey.has(key));
    $("SUMMARY_TITLE").textContent = done.length === all.length
      ? "All known"
      : `${done.length} of ${all.length} known`;
    const answers = ratings.length === 1 ? "One answer" : `${ratings.length} answers`;
    const { mean } = study.mastery(cards, progress);
    $("SUMMARY_WORDS").textContent = `${answers}. You know ${percent(mean)} of the whole deck.`;
    $("HARD").hidden = !hard.length;
    $("HARD_CARDS").replaceChildren(
      ...hard.map(({ key }) => {
        const { note, card } = byKey.get(key);
        const item = document.createElement("li");
        const href = `#${note.id}${note.cards.length > 1 ? `/${card.number}` : ""}`;
        const prompt = document.getElementById(note.id)?.querySelector(".prompt");
        const link = made("a", { href });
        link.append(prompt?.cloneNode(true) ?? note.id);
        item.append(link);
        cardFrames.typeset(link);
        return item;
      }),
    );
    view("SUMMARY");
    $("SUMMARY_TITLE").focus();
  };

  // Files

  const save = () => {
    load();
    const file = new Blob([study.write(progress)], { type: "application/json" });
    const link = made("a", {
      href: URL.createObjectURL(file),
      download: `${data.deck}-progress.json`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  const loadFile = async () => {
    const [file] = $("IMPORT").files;
    $("IMPORT").value = "";
    if (!file) return;
    const found = study.read(await file.slice(0, LARGEST).text(), data.deck);
    if (found.wrong) return say(found.wrong);
    load();
    progress = study.follow(study.join(progress, found.progress), cards);
    const isKept = keep();
    start();
    if (!isKept) return;
    const number = Object.keys(found.progress.cards).length;
    const left = found.dropped ? ` What made no sense was left out: ${found.dropped}.` : "";
    say(`Loaded the ratings of ${number} ${number === 1 ? "card" : "cards"}.${left}`);
  };

  const reset = () => {
    if (!confirm("Forget all progress on this page? It cannot be taken back.")) return;
    progress = study.none(data.deck);
    memory.set(PLACE, null);
    unread = "";
    start();
    say("Forgotten.");
  };

  // What one does

  $("SITTING").addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  $("SHOW").addEventListener("click", answer);
  $("RATE").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) rate(Number(button.dataset.rating));
  });
  for (const id of ["UNDO", "UNDO_LAST"]) $(id).addEventListener("click", undo);
  $("END").addEventListener("click", () => (sitting.ratings.length ? end() : start()));
  $("AGAIN").addEventListener("click", () => {
    start();
    $("START_TITLE").focus();
  });
  $("EXPORT").addEventListener("click", save);
  $("IMPORT").addEventListener("change", loadFile);
  $("RESET").addEventListener("click", reset);
  $("ASKED").append(frame.element);
  frame.whenLoaded(browse.hear);
  frame.whenLoaded((inside) => {
    inside.addEventListener("click", ({ target }) => {
      if (!target.closest("a, summary, input, audio, video")) answer();
    });
  });

  const isOther = (target) => target.localName === "button" && target !== $("SHOW");

  browse.keys.push((event, writes) => {
    const { key, target } = event;
    if ($("STUDY").hidden || !$("START").hidden) return false;
    if (!$("SUMMARY").hidden) {
      if (key.toLowerCase() !== "u" || writes) return false;
      undo();
      return true;
    }
    const rating = Number(key);
    const isBox = target.id === "typeans" || target === frame.inside()?.body;
    if (!answered && key === "Enter" && isBox) answer();
    else if (writes) return false;
    else if (!answered && key === " " && !isOther(target)) answer();
    else if (answered && rating >= 1 && rating <= 5) rate(rating);
    else if (key.toLowerCase() === "u" && !event.repeat) undo();
    else return false;
    return true;
  });

  browse.whenChanged(() => {
    if ($("STUDY").hidden) return;
    if (!$("ROUND").hidden) showCard();
    else if ($("SUMMARY").hidden) {
      load();
      start();
    }
  });
  addEventListener("storage", ({ key }) => {
    if (key === PLACE && $("ROUND").hidden && !$("STUDY").hidden && !$("START").hidden) {
      load();
      start();
    }
  });

  take();
  load();
  if (!$("STUDY").hidden) start();

  return {
    // Whether a card of a note is asked or answered.
    shows: (id) => !$("STUDY").hidden && !$("ROUND").hidden && asked()?.note.id === id,

    // A later state of the deck: the sitting goes on.
    renew() {
      const before = JSON.stringify(sitting && asked()?.card);
      const key = sitting?.queue[0];
      take();
      if (sitting) sitting = study.carry(sitting, cards);
      if (!$("STUDY").hidden && !$("START").hidden) start();
      if (!sitting || $("ROUND").hidden) return;
      if (sitting.queue[0] !== key) ask();
      else if (JSON.stringify(asked()?.card) !== before) showCard();
    },
  };
})();
